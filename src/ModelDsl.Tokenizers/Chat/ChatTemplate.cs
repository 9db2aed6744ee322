namespace ModelDsl.Tokenizers.Chat;

/// <summary>A message of a conversation.</summary>
/// <param name="Role">Usually system, user, assistant or tool.</param>
public readonly record struct ChatMessage(string Role, string Content);

/// <summary>
/// Turns a conversation into the text that a model was trained on. The language is the part of Jinja that public chat
/// templates use: output, if, for, set, macros, the usual filters, tests and string methods, with blocks trimmed as
/// Hugging Face's reader does (trim_blocks, lstrip_blocks).
/// </summary>
public sealed class ChatTemplate
{
    private readonly TemplateBody body;
    private readonly ChatTemplateLimits limits;

    private ChatTemplate(TemplateBody body, ChatTemplateLimits limits) => (this.body, this.limits) = (body, limits);

    /// <param name="limits">For reading and for every rendering; null: <see cref="ChatTemplateLimits.Default"/>.</param>
    /// <exception cref="ChatTemplateException">The template is malformed, uses what is not supported, or exceeds a limit; the message gives the line and column.</exception>
    public static ChatTemplate Parse(string template, ChatTemplateLimits? limits = null)
    {
        limits ??= ChatTemplateLimits.Default;
        return new ChatTemplate(new TemplateParser(template, limits).Parse(), limits);
    }

    /// <summary>The text of a conversation.</summary>
    /// <param name="addGenerationPrompt">Ends with what comes before the assistant's next message.</param>
    /// <param name="variables">More variables: bos_token, eos_token, tools and what else the template asks for. Values are strings, bools, long, double, null, lists and dictionaries.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, an expression cannot be evaluated, or a limit is exceeded; the message gives the line and column.</exception>
    public string Render(IEnumerable<ChatMessage> messages, bool addGenerationPrompt = false, IReadOnlyDictionary<string, object?>? variables = null)
    {
        var list = messages.Select(object? (message) => new Dictionary<string, object?> { ["role"] = message.Role, ["content"] = message.Content }).ToList();
        var scope = new Dictionary<string, object?>(variables ?? new Dictionary<string, object?>())
        {
            ["messages"] = list,
            ["add_generation_prompt"] = addGenerationPrompt,
        };
        return Render(scope);
    }

    /// <summary>The text for variables of one's own, messages among them.</summary>
    /// <inheritdoc cref="Render(IEnumerable{ChatMessage}, bool, IReadOnlyDictionary{string, object?}?)"/>
    public string Render(IReadOnlyDictionary<string, object?> variables)
    {
        var run = new TemplateRun(limits);
        var output = new TemplateText(run);
        var scope = new TemplateScope(run);
        foreach (var (name, value) in variables) scope.Set(name, value);
        body.Run(scope, output);
        return output.ToString();
    }
}

/// <summary>A chat template that cannot be read or rendered.</summary>
public sealed class ChatTemplateException(string reason, int line, int column) : Exception($"Line {line}, column {column}: {reason}")
{
    /// <summary>The line of the template, from 1.</summary>
    public int Line => line;

    /// <summary>The column in that line, in characters from 1.</summary>
    public int Column => column;
}
