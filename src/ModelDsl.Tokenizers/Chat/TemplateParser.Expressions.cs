using static ModelDsl.Tokenizers.Chat.TemplateTokenKind;

namespace ModelDsl.Tokenizers.Chat;

// Expressions, from the loosest binding to the tightest.
internal sealed partial class TemplateParser
{
    private TemplateExpression ParseExpression() => Nested(() =>
    {
        var value = ParseOr();
        var place = Current.Place;
        if (!TakeName("if")) return value;
        var condition = ParseOr();
        var otherwise = TakeName("else") ? ParseExpression() : null;
        return new TemplateExpression(place, scope => TemplateValues.Truth(condition.Evaluate(scope)) ? value.Evaluate(scope) : otherwise is null ? Undefined.Value : otherwise.Evaluate(scope));
    });

    // What is done to the value on its left: a binary operator with its right operand, a filter, an index, a call.
    private readonly record struct Link(TemplatePlace Place, Func<object?, TemplateScope, object?> Apply);

    // Operators that associate to the left, as a loop: a chain of any length nests nothing.
    private static TemplateExpression Chain(TemplateExpression first, List<Link>? links) => links is null ? first : new TemplateExpression(links[0].Place, scope =>
    {
        object? value = first.Evaluate(scope);
        foreach (var link in links)
        {
            scope.Run.At(link.Place);
            value = link.Apply(value, scope);
        }
        return value;
    });

    private TemplateExpression ParseOr()
    {
        var first = ParseAnd();
        List<Link>? links = null;
        for (var place = Current.Place; TakeName("or"); place = Current.Place)
        {
            var second = ParseAnd();
            (links ??= []).Add(new Link(place, (value, scope) => TemplateValues.Truth(value) ? value : second.Evaluate(scope)));
        }
        return Chain(first, links);
    }

    private TemplateExpression ParseAnd()
    {
        var first = ParseNot();
        List<Link>? links = null;
        for (var place = Current.Place; TakeName("and"); place = Current.Place)
        {
            var second = ParseNot();
            (links ??= []).Add(new Link(place, (value, scope) => TemplateValues.Truth(value) ? second.Evaluate(scope) : value));
        }
        return Chain(first, links);
    }

    private TemplateExpression ParseNot()
    {
        List<Link>? links = null;
        for (var place = Current.Place; TakeName("not"); place = Current.Place) (links ??= []).Add(new Link(place, (value, _) => !TemplateValues.Truth(value)));
        return Chain(ParseComparison(), links);
    }

    private TemplateExpression ParseComparison()
    {
        var first = ParseBinary(0);
        List<Link>? links = null;
        while (true)
        {
            var place = Current.Place;
            if (Current is { Kind: Operator, Text: "==" or "!=" or "<" or ">" or "<=" or ">=" })
            {
                string op = tokens[at++].Text;
                var second = ParseBinary(0);
                (links ??= []).Add(new Link(place, (value, scope) => TemplateValues.Compare(scope.Run, op, value, second.Evaluate(scope))));
            }
            else if (Current is { Kind: Name, Text: "in" } || Current is { Kind: Name, Text: "not" } && tokens[at + 1] is { Kind: Name, Text: "in" })
            {
                bool negated = TakeName("not");
                at++;
                var second = ParseBinary(0);
                (links ??= []).Add(new Link(place, (value, scope) => TemplateValues.Contains(scope.Run, second.Evaluate(scope), value) != negated));
            }
            else if (TakeName("is"))
            {
                (links ??= []).Add(ParseTest(place));
            }
            else
            {
                return Chain(first, links);
            }
        }
    }

    private Link ParseTest(TemplatePlace place)
    {
        bool negated = TakeName("not");
        string test = Current.Text;
        if (Current.Kind == Name && !TemplateTests.Has(test)) throw Error($"the test {TemplatePlace.Quote(test)} is not supported");
        Expect(Name, "the name of a test");
        bool hasArgument = Current.Kind is TemplateTokenKind.String or Number || Current is { Kind: Operator, Text: "(" }
            || Current.Kind == Name && Current.Text is not ("and" or "or" or "else" or "if" or "not" or "is" or "in");
        var argument = hasArgument ? Nested(ParsePostfix) : null;
        return new Link(place, (value, scope) => TemplateTests.Holds(scope.Run, test, value, argument?.Evaluate(scope)) != negated);
    }

    private static readonly string[][] Binary = [["~"], ["+", "-"], ["*", "/", "//", "%"]];

    private TemplateExpression ParseBinary(int level)
    {
        if (level == Binary.Length) return ParseUnary();
        var first = ParseBinary(level + 1);
        List<Link>? links = null;
        while (Current.Kind == Operator && Binary[level].Contains(Current.Text))
        {
            var (op, place) = (Current.Text, Current.Place);
            at++;
            var second = ParseBinary(level + 1);
            (links ??= []).Add(new Link(place, (value, scope) => TemplateArithmetic.Calculate(scope.Run, op, value, second.Evaluate(scope))));
        }
        return Chain(first, links);
    }

    private TemplateExpression ParseUnary()
    {
        List<Link>? links = null;
        for (var place = Current.Place; Take("-"); place = Current.Place)
            (links ??= []).Add(new Link(place, (value, scope) => TemplateArithmetic.Calculate(scope.Run, "-", 0L, value)));
        return Chain(ParsePostfix(), links);
    }

    private TemplateExpression ParsePostfix()
    {
        var first = ParsePrimary();
        List<Link>? links = null;
        while (true)
        {
            var place = Current.Place;
            if (Take(".")) (links ??= []).Add(ParseMember(place));
            else if (Take("[")) (links ??= []).Add(ParseIndex(place));
            else if (Take("(")) (links ??= []).Add(ParseCall(place));
            else if (Take("|")) (links ??= []).Add(ParseFilter(place));
            else return Chain(first, links);
        }
    }

    private Link ParseMember(TemplatePlace place)
    {
        string name = Current.Text;
        if (Current.Kind == Number) at++;
        else Expect(Name, "a name");
        if (!Take("(")) return new Link(place, (value, _) => TemplateValues.Member(value, name));
        var arguments = ParseArguments();
        return new Link(place, (value, scope) => TemplateMethods.Call(scope.Run, value, name, arguments.Evaluate(scope)));
    }

    private Link ParseCall(TemplatePlace place)
    {
        var arguments = ParseArguments();
        return new Link(place, (value, scope) => value is ITemplateFunction function
            ? function.Call(scope.Run, arguments.Evaluate(scope))
            : throw scope.Run.Error($"{TemplateValues.Kind(value)} cannot be called"));
    }

    private Link ParseFilter(TemplatePlace place)
    {
        string name = Current.Text;
        if (Current.Kind == Name && !TemplateFilters.Has(name)) throw Error($"the filter {TemplatePlace.Quote(name)} is not supported");
        Expect(Name, "the name of a filter");
        var arguments = Take("(") ? ParseArguments() : new TemplateArguments([], []);
        return new Link(place, (value, scope) => TemplateFilters.Apply(scope.Run, name, value, arguments.Evaluate(scope)));
    }

    private Link ParseIndex(TemplatePlace place)
    {
        var parts = new TemplateExpression?[3];
        int count = 0;
        for (; ; count++)
        {
            if (!(Current is { Kind: Operator, Text: ":" or "]" })) parts[count] = ParseExpression();
            if (count == 2 || !Take(":")) break;
        }
        ExpectOperator("]");
        if (count > 0) return new Link(place, (value, scope) => TemplateValues.Slice(scope.Run, value, [.. parts.Select(part => part?.Evaluate(scope))]));
        var index = parts[0] ?? throw Error("an index is missing");
        return new Link(place, (value, scope) => TemplateValues.Index(value, index.Evaluate(scope)));
    }

    private TemplateArguments ParseArguments()
    {
        var positional = new List<TemplateExpression>();
        var named = new List<(string Name, TemplateExpression Value)>();
        while (!Take(")"))
        {
            if (Current.Kind == Name && tokens[at + 1] is { Kind: Operator, Text: "=" })
            {
                string name = Current.Text;
                at += 2;
                named.Add((name, ParseExpression()));
            }
            else
            {
                positional.Add(ParseExpression());
            }
            if (!Take(",") && !(Current is { Kind: Operator, Text: ")" })) throw Error("expected ',' or ')'");
        }
        return new TemplateArguments(positional, named);
    }

    private TemplateExpression ParsePrimary()
    {
        var token = Current;
        var place = token.Place;
        at++;
        switch (token.Kind)
        {
            case TemplateTokenKind.String:
                string text = ParseText(token.Text);
                return new TemplateExpression(place, _ => text);
            case Number:
                return new TemplateExpression(place, _ => token.Value);
            case Name:
                return token.Text switch
                {
                    "true" or "True" => new TemplateExpression(place, _ => true),
                    "false" or "False" => new TemplateExpression(place, _ => false),
                    "none" or "None" => new TemplateExpression(place, _ => null),
                    var name => new TemplateExpression(place, scope => scope.Get(name) is var value and not Undefined ? value : TemplateFunctions.Get(name)),
                };
            case Operator when token.Text == "(":
                return ParseTuple(place);
            case Operator when token.Text == "[":
                return ParseList(place, "]", []);
            case Operator when token.Text == "{":
                return ParseDictionary(place);
            default:
                at--;
                throw Error("expected a value" + (token.Text.Length > 0 ? $" and not {TemplatePlace.Quote(token.Text)}" : ""));
        }
    }

    // Neighbouring string literals are one.
    private string ParseText(string first)
    {
        if (Current.Kind != TemplateTokenKind.String) return first;
        var parts = new List<string> { first };
        while (Current.Kind == TemplateTokenKind.String) parts.Add(tokens[at++].Text);
        return string.Concat(parts);
    }

    private TemplateExpression ParseTuple(TemplatePlace place)
    {
        if (Take(")")) return ListOf(place, []);
        var first = ParseExpression();
        if (Take(")")) return first;
        ExpectOperator(",");
        return ParseList(place, ")", [first]);
    }

    private TemplateExpression ParseList(TemplatePlace place, string close, List<TemplateExpression> items)
    {
        while (!Take(close))
        {
            items.Add(ParseExpression());
            if (!Take(",") && !(Current.Kind == Operator && Current.Text == close)) throw Error($"expected ',' or '{close}'");
        }
        return ListOf(place, items);
    }

    private static TemplateExpression ListOf(TemplatePlace place, List<TemplateExpression> items) =>
        new(place, scope => TemplateValues.List(scope.Run, items.Select(item => item.Evaluate(scope))));

    private TemplateExpression ParseDictionary(TemplatePlace place)
    {
        const int bytesPerEntry = 64;
        var items = new List<(TemplateExpression Key, TemplateExpression Value)>();
        while (!Take("}"))
        {
            var key = ParseExpression();
            ExpectOperator(":");
            items.Add((key, ParseExpression()));
            if (!Take(",") && !(Current is { Kind: Operator, Text: "}" })) throw Error("expected ',' or '}'");
        }
        return new TemplateExpression(place, scope =>
        {
            scope.Run.Allocate(bytesPerEntry * (2L + items.Count));
            var map = new Dictionary<string, object?>(items.Count);
            foreach (var (key, value) in items) map[TemplateValues.Text(scope.Run, key.Evaluate(scope))] = value.Evaluate(scope);
            return map;
        });
    }
}
