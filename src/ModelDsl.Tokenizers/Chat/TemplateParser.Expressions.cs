using static ModelDsl.Tokenizers.Chat.TemplateTokenKind;

namespace ModelDsl.Tokenizers.Chat;

// Expressions, from the loosest binding to the tightest.
internal sealed partial class TemplateParser
{
    private TemplateExpression ParseExpression()
    {
        if (++depth > DeepestNesting) throw Error("an expression is nested too deeply");
        var value = ParseOr();
        if (TakeName("if"))
        {
            var condition = ParseOr();
            var otherwise = TakeName("else") ? ParseExpression() : new TemplateExpression(_ => Undefined.Value);
            var chosen = value;
            value = new TemplateExpression(scope => TemplateValues.Truth(condition.Evaluate(scope)) ? chosen.Evaluate(scope) : otherwise.Evaluate(scope));
        }
        depth--;
        return value;
    }

    private TemplateExpression ParseOr()
    {
        var left = ParseAnd();
        while (TakeName("or"))
        {
            TemplateExpression first = left, second = ParseAnd();
            left = new TemplateExpression(scope => first.Evaluate(scope) is var value && TemplateValues.Truth(value) ? value : second.Evaluate(scope));
        }
        return left;
    }

    private TemplateExpression ParseAnd()
    {
        var left = ParseNot();
        while (TakeName("and"))
        {
            TemplateExpression first = left, second = ParseNot();
            left = new TemplateExpression(scope => first.Evaluate(scope) is var value && !TemplateValues.Truth(value) ? value : second.Evaluate(scope));
        }
        return left;
    }

    private TemplateExpression ParseNot()
    {
        if (!TakeName("not")) return ParseComparison();
        var value = ParseNot();
        return new TemplateExpression(scope => !TemplateValues.Truth(value.Evaluate(scope)));
    }

    private TemplateExpression ParseComparison()
    {
        var left = ParseBinary(0);
        while (true)
        {
            var first = left;
            int line = Current.Line;
            if (Current.Kind == Operator && Current.Text is "==" or "!=" or "<" or ">" or "<=" or ">=" && Current.Kind == Operator)
            {
                string op = tokens[at++].Text;
                var second = ParseBinary(0);
                left = new TemplateExpression(scope => TemplateValues.Compare(op, first.Evaluate(scope), second.Evaluate(scope), line));
            }
            else if (Current is { Kind: Name, Text: "in" } || Current is { Kind: Name, Text: "not" } && tokens[at + 1] is { Kind: Name, Text: "in" })
            {
                bool negated = TakeName("not");
                at++;
                var second = ParseBinary(0);
                left = new TemplateExpression(scope => TemplateValues.Contains(second.Evaluate(scope), first.Evaluate(scope), line) != negated);
            }
            else if (TakeName("is"))
            {
                bool negated = TakeName("not");
                string test = Current.Text;
                Expect(Name, "the name of a test");
                if (!TemplateValues.IsTest(test)) throw Error($"the test '{test}' is not supported");
                var argument = Current.Kind is TemplateTokenKind.String or Number or Name && Current.Text is not ("and" or "or" or "else" or "if" or "not") ? ParsePostfix()
                    : Current is { Kind: Operator, Text: "(" } ? ParsePostfix() : null;
                left = new TemplateExpression(scope => TemplateValues.Test(test, first.Evaluate(scope), argument?.Evaluate(scope)) != negated);
            }
            else
            {
                return left;
            }
        }
    }

    private static readonly string[][] Binary = [["~"], ["+", "-"], ["*", "/", "//", "%"]];

    private TemplateExpression ParseBinary(int level)
    {
        if (level == Binary.Length) return ParseUnary();
        var left = ParseBinary(level + 1);
        while (Current.Kind == Operator && Binary[level].Contains(Current.Text))
        {
            var (op, line) = (Current.Text, Current.Line);
            at++;
            TemplateExpression first = left, second = ParseBinary(level + 1);
            left = new TemplateExpression(scope => TemplateValues.Calculate(op, first.Evaluate(scope), second.Evaluate(scope), line));
        }
        return left;
    }

    private TemplateExpression ParseUnary()
    {
        int line = Current.Line;
        if (!Take("-")) return ParsePostfix();
        var value = ParseUnary();
        return new TemplateExpression(scope => TemplateValues.Calculate("-", 0L, value.Evaluate(scope), line));
    }

    private TemplateExpression ParsePostfix()
    {
        var value = ParsePrimary();
        while (true)
        {
            var target = value;
            int line = Current.Line;
            if (Take("."))
            {
                string name = Current.Text;
                if (Current.Kind == Number) at++;
                else Expect(Name, "a name");
                if (Take("("))
                {
                    var arguments = ParseArguments();
                    value = new TemplateExpression(scope => TemplateMethods.Call(target.Evaluate(scope), name, arguments.Evaluate(scope), line));
                }
                else
                {
                    value = new TemplateExpression(scope => TemplateValues.Member(target.Evaluate(scope), name));
                }
            }
            else if (Take("["))
            {
                value = ParseIndex(target, line);
            }
            else if (Take("("))
            {
                var arguments = ParseArguments();
                value = new TemplateExpression(scope => target.Evaluate(scope) is ITemplateFunction function
                    ? function.Call(arguments.Evaluate(scope), line)
                    : throw new ChatTemplateException($"Line {line}: what is called here is no function."));
            }
            else if (Take("|"))
            {
                string name = Current.Text;
                Expect(Name, "the name of a filter");
                if (!TemplateFilters.Has(name)) throw Error($"the filter '{name}' is not supported");
                var arguments = Take("(") ? ParseArguments() : new TemplateArguments([], []);
                value = new TemplateExpression(scope => TemplateFilters.Apply(name, target.Evaluate(scope), arguments.Evaluate(scope), line));
            }
            else
            {
                return value;
            }
        }
    }

    private TemplateExpression ParseIndex(TemplateExpression target, int line)
    {
        var parts = new TemplateExpression?[3];
        int count = 0;
        for (; ; count++)
        {
            if (!(Current is { Kind: Operator, Text: ":" or "]" })) parts[count] = ParseExpression();
            if (count == 2 || !Take(":")) break;
        }
        ExpectOperator("]");
        if (count == 0)
        {
            var index = parts[0] ?? throw Error("an index is missing");
            return new TemplateExpression(scope => TemplateValues.Index(target.Evaluate(scope), index.Evaluate(scope)));
        }
        return new TemplateExpression(scope => TemplateValues.Slice(target.Evaluate(scope), [.. parts.Select(part => part?.Evaluate(scope))], line));
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
        at++;
        switch (token.Kind)
        {
            case TemplateTokenKind.String:
                string text = token.Text;
                while (Current.Kind == TemplateTokenKind.String) text += tokens[at++].Text;
                return new TemplateExpression(_ => text);
            case Number:
                return new TemplateExpression(_ => token.Value);
            case Name:
                return token.Text switch
                {
                    "true" or "True" => new TemplateExpression(_ => true),
                    "false" or "False" => new TemplateExpression(_ => false),
                    "none" or "None" => new TemplateExpression(_ => null),
                    var name => new TemplateExpression(scope => scope.Get(name) is Undefined ? TemplateMethods.Global(name) : scope.Get(name)),
                };
            case Operator when token.Text == "(":
                return ParseTuple();
            case Operator when token.Text == "[":
                return ParseList("]");
            case Operator when token.Text == "{":
                return ParseDictionary();
            default:
                at--;
                throw Error("expected a value" + (token.Text.Length > 0 ? $" and not '{token.Text}'" : ""));
        }
    }

    private TemplateExpression ParseTuple()
    {
        if (Take(")")) return new TemplateExpression(_ => new List<object?>());
        var first = ParseExpression();
        if (Take(")")) return first;
        ExpectOperator(",");
        at--;
        var rest = ParseList(")", first);
        return rest;
    }

    private TemplateExpression ParseList(string close, TemplateExpression? first = null)
    {
        var items = new List<TemplateExpression>();
        if (first is not null) items.Add(first);
        if (first is not null && !Take(",")) throw Error("expected ','");
        while (!Take(close))
        {
            items.Add(ParseExpression());
            if (!Take(",") && !(Current.Kind == Operator && Current.Text == close)) throw Error($"expected ',' or '{close}'");
        }
        return new TemplateExpression(scope => items.Select(item => item.Evaluate(scope)).ToList());
    }

    private TemplateExpression ParseDictionary()
    {
        var items = new List<(TemplateExpression Key, TemplateExpression Value)>();
        while (!Take("}"))
        {
            var key = ParseExpression();
            ExpectOperator(":");
            items.Add((key, ParseExpression()));
            if (!Take(",") && !(Current is { Kind: Operator, Text: "}" })) throw Error("expected ',' or '}'");
        }
        return new TemplateExpression(scope => items.ToDictionary(item => TemplateValues.Text(item.Key.Evaluate(scope)), item => item.Value.Evaluate(scope)));
    }
}
