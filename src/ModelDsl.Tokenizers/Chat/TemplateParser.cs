using static ModelDsl.Tokenizers.Chat.TemplateTokenKind;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>Reads a template: blocks here, expressions in the other half.</summary>
internal sealed partial class TemplateParser(string template)
{
    private const int DeepestNesting = 100;

    private readonly List<TemplateToken> tokens = new TemplateLexer(template).Read();
    private int at, depth;

    private TemplateToken Current => tokens[at];

    internal TemplateNode Parse()
    {
        var body = ParseBody();
        return Current.Kind == End ? body : throw Error($"{{% {tokens[at + 1].Text} %}} closes nothing");
    }

    // Up to the end or a block that begins with one of the names.
    private TemplateNode ParseBody(params string[] until)
    {
        if (++depth > DeepestNesting) throw Error("blocks are nested too deeply");
        var nodes = new List<TemplateNode>();
        while (Current.Kind != End)
        {
            if (Current.Kind == Literal) nodes.Add(new TextNode(tokens[at++].Text));
            else if (Current.Kind == OpenOutput) nodes.Add(ParseOutput());
            else if (tokens[at + 1].Text is var name && (until.Contains(name) || name.StartsWith("end", StringComparison.Ordinal) || name is "else" or "elif")) break;
            else nodes.Add(ParseBlock());
        }
        depth--;
        return new SequenceNode(nodes);
    }

    private OutputNode ParseOutput()
    {
        at++;
        var value = ParseExpression();
        Expect(CloseOutput, "}}");
        return new OutputNode(value);
    }

    private TemplateNode ParseBlock()
    {
        at++;
        var name = Current;
        at++;
        switch (name.Text)
        {
            case "if": return ParseIf();
            case "for": return ParseFor();
            case "set": return ParseSet();
            case "macro": return ParseMacro();
            case "break" or "continue":
                Expect(CloseBlock, "%}");
                return new JumpNode(name.Text == "break");
            case "generation": // marks what the assistant says; the text is what stands inside
                Expect(CloseBlock, "%}");
                var inside = ParseBody();
                Close("endgeneration");
                return inside;
            default:
                throw Error($"the block {{% {name.Text} %}} is not supported; supported are if, for, set, macro, break, continue and generation");
        }
    }

    private IfNode ParseIf()
    {
        var branches = new List<(TemplateExpression? Condition, TemplateNode Body)>();
        var condition = ParseExpression();
        Expect(CloseBlock, "%}");
        branches.Add((condition, ParseBody("elif", "else", "endif")));
        while (TakeBlock("elif"))
        {
            condition = ParseExpression();
            Expect(CloseBlock, "%}");
            branches.Add((condition, ParseBody("elif", "else", "endif")));
        }
        if (TakeBlock("else"))
        {
            Expect(CloseBlock, "%}");
            branches.Add((null, ParseBody("endif")));
        }
        Close("endif");
        return new IfNode(branches);
    }

    private ForNode ParseFor()
    {
        var names = ParseNames();
        ExpectName("in");
        var items = ParseOr();
        var filter = TakeName("if") ? ParseExpression() : null;
        TakeName("recursive");
        Expect(CloseBlock, "%}");
        var body = ParseBody("else", "endfor");
        TemplateNode? otherwise = null;
        if (TakeBlock("else"))
        {
            Expect(CloseBlock, "%}");
            otherwise = ParseBody("endfor");
        }
        Close("endfor");
        return new ForNode(names, items, filter, body, otherwise);
    }

    private SetNode ParseSet()
    {
        var names = ParseNames();
        string? member = null;
        if (Take("."))
        {
            member = Current.Text;
            Expect(Name, "a name");
        }
        if (Take("="))
        {
            var value = ParseExpression();
            Expect(CloseBlock, "%}");
            return new SetNode(names, member, value, null);
        }
        Expect(CloseBlock, "%}");
        var body = ParseBody("endset");
        Close("endset");
        return new SetNode(names, member, null, body);
    }

    private MacroNode ParseMacro()
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
        var body = ParseBody("endmacro");
        Close("endmacro");
        return new MacroNode(name, parameters, body);
    }

    private List<string> ParseNames()
    {
        var names = new List<string>();
        do
        {
            names.Add(Current.Text);
            Expect(Name, "a name");
        }
        while (Take(","));
        return names;
    }

    private bool TakeBlock(string name)
    {
        if (Current.Kind != OpenBlock || tokens[at + 1].Text != name) return false;
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
        if (Current.Kind != kind) throw Error($"expected {what}" + (Current.Text.Length > 0 ? $" and not '{Current.Text}'" : ""));
        at++;
    }

    private ChatTemplateException Error(string what) => new($"Line {Current.Line}: {what}.");
}
