using System.Runtime.CompilerServices;
using static ModelDsl.Tokenizers.Chat.TemplateTokenKind;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>Reads a template: blocks here, expressions in the other half.</summary>
internal sealed partial class TemplateParser(string template, ChatTemplateLimits limits)
{
    private readonly List<TemplateToken> tokens = Lex(template, limits);
    private int at, depth, loops;

    private TemplateToken Current => tokens[at];

    internal TemplateBody Parse()
    {
        var body = ParseBody();
        return Current.Kind == End ? body : throw Error($"the block {TemplatePlace.Quote(tokens[at + 1].Text)} closes nothing");
    }

    private static List<TemplateToken> Lex(string template, ChatTemplateLimits limits) => template.Length <= limits.Length
        ? new TemplateLexer(template).Read()
        : throw new TemplatePlace(1, 1).Error($"the template has {template.Length} characters; at most {limits.Length} are allowed ({nameof(ChatTemplateLimits)}.{nameof(limits.Length)})");

    // Every recursion of the parser goes through here, so that no template can use up the stack.
    private T Nested<T>(Func<T> parse)
    {
        if (++depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Error($"blocks and expressions nest more than {Math.Min(depth - 1, limits.Depth)} deep ({nameof(ChatTemplateLimits)}.{nameof(limits.Depth)})");
        var parsed = parse();
        depth--;
        return parsed;
    }

    // Up to the end or a block that begins with one of the names.
    private TemplateBody ParseBody(params string[] until) => Nested(() =>
    {
        var nodes = new List<TemplateNode>();
        while (Current.Kind != End)
        {
            if (Current.Kind == Literal) nodes.Add(new TextNode(Current.Place, tokens[at++].Text));
            else if (Current.Kind == OpenOutput) nodes.Add(ParseOutput());
            else if (tokens[at + 1].Text is var name && (until.Contains(name) || name.StartsWith("end", StringComparison.Ordinal) || name is "else" or "elif")) break;
            else nodes.Add(ParseBlock());
        }
        return new TemplateBody(nodes);
    });

    private OutputNode ParseOutput()
    {
        var place = tokens[at++].Place;
        var value = ParseExpression();
        Expect(CloseOutput, "}}");
        return new OutputNode(place, value);
    }

    private TemplateNode ParseBlock()
    {
        var place = tokens[at++].Place;
        var name = Current;
        Expect(Name, "the name of a block");
        switch (name.Text)
        {
            case "if": return ParseIf(place);
            case "for": return ParseFor(place);
            case "set": return ParseSet(place);
            case "macro": return ParseMacro(place);
            case "break" or "continue":
                if (loops == 0) throw place.Error($"{{% {name.Text} %}} is not inside a loop");
                Expect(CloseBlock, "%}");
                return new JumpNode(place, name.Text == "break" ? TemplateFlow.Break : TemplateFlow.Continue);
            case "generation": // marks what the assistant says; the text is what is inside
                Expect(CloseBlock, "%}");
                var inside = ParseBody();
                Close("endgeneration");
                return new PlainNode(place, inside);
            default:
                throw name.Place.Error($"the block {TemplatePlace.Quote(name.Text)} is not supported; supported are if, for, set, macro, break, continue and generation");
        }
    }

    private IfNode ParseIf(TemplatePlace place)
    {
        var branches = new List<(TemplateExpression? Condition, TemplateBody Body)>();
        do
        {
            var condition = ParseExpression();
            Expect(CloseBlock, "%}");
            branches.Add((condition, ParseBody("elif", "else", "endif")));
        }
        while (TakeBlock("elif"));
        if (TakeBlock("else"))
        {
            Expect(CloseBlock, "%}");
            branches.Add((null, ParseBody("endif")));
        }
        Close("endif");
        return new IfNode(place, branches);
    }

    private ForNode ParseFor(TemplatePlace place)
    {
        var names = ParseNames();
        ExpectName("in");
        var items = ParseOr();
        var filter = TakeName("if") ? ParseExpression() : null;
        TakeName("recursive");
        Expect(CloseBlock, "%}");
        loops++;
        var body = ParseBody("else", "endfor");
        loops--;
        TemplateBody? otherwise = null;
        if (TakeBlock("else"))
        {
            Expect(CloseBlock, "%}");
            otherwise = ParseBody("endfor");
        }
        Close("endfor");
        return new ForNode(place, names, items, filter, body, otherwise);
    }

    private SetNode ParseSet(TemplatePlace place)
    {
        var names = ParseNames();
        string? member = null;
        if (names.IsOne && Take("."))
        {
            member = Current.Text;
            Expect(Name, "a name");
        }
        if (Take("="))
        {
            var value = ParseExpression();
            Expect(CloseBlock, "%}");
            return new SetNode(place, names, member, value, null);
        }
        Expect(CloseBlock, "%}");
        var body = ParseBody("endset");
        Close("endset");
        return new SetNode(place, names, member, null, body);
    }

    private MacroNode ParseMacro(TemplatePlace place)
    {
        string name = Current.Text;
        Expect(Name, "the name of the macro");
        var parameters = new List<(string Name, TemplateExpression? Default)>();
        ExpectOperator("(");
        while (!Take(")"))
        {
            string parameter = Current.Text;
            Expect(Name, "the name of a parameter");
            parameters.Add((parameter, Take("=") ? ParseExpression() : null));
            if (!Take(",") && !(Current is { Kind: Operator, Text: ")" })) throw Error("expected ',' or ')'");
        }
        Expect(CloseBlock, "%}");
        (int outer, loops) = (loops, 0);
        var body = ParseBody("endmacro");
        loops = outer;
        Close("endmacro");
        return new MacroNode(place, name, parameters, body);
    }

    private TemplateNames ParseNames()
    {
        var names = new List<string>();
        do
        {
            names.Add(Current.Text);
            Expect(Name, "a name");
        }
        while (Take(","));
        return new TemplateNames(names);
    }

    private bool TakeBlock(string name)
    {
        if (Current.Kind != OpenBlock || tokens[at + 1] is not { Kind: Name } || tokens[at + 1].Text != name) return false;
        at += 2;
        return true;
    }

    private void Close(string name)
    {
        if (!TakeBlock(name)) throw Error($"expected {{% {name} %}}");
        Expect(CloseBlock, "%}");
    }

    private bool Take(string op)
    {
        if (Current.Kind != Operator || Current.Text != op) return false;
        at++;
        return true;
    }

    private bool TakeName(string name)
    {
        if (Current.Kind != Name || Current.Text != name) return false;
        at++;
        return true;
    }

    private void ExpectOperator(string op)
    {
        if (!Take(op)) throw Error($"expected '{op}'");
    }

    private void ExpectName(string name)
    {
        if (!TakeName(name)) throw Error($"expected '{name}'");
    }

    private void Expect(TemplateTokenKind kind, string what)
    {
        if (Current.Kind != kind) throw Error($"expected {what}" + (Current.Text.Length > 0 ? $" and not {TemplatePlace.Quote(Current.Text)}" : ""));
        at++;
    }

    private ChatTemplateException Error(string what) => Current.Place.Error(what);
}
