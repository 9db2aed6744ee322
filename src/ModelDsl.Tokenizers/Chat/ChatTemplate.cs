using System.Text;

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
    private const int LongestOutput = 1 << 26;

    private readonly TemplateNode body;

    private ChatTemplate(TemplateNode body) => this.body = body;

    /// <exception cref="ChatTemplateException">The template is malformed, or uses what is not supported; the message names the line.</exception>
    public static ChatTemplate Parse(string template) => new(new TemplateParser(template).Parse());

    /// <summary>The text of a conversation.</summary>
    /// <param name="addGenerationPrompt">Ends with what comes before the assistant's next message.</param>
    /// <param name="variables">More variables: bos_token, eos_token, tools and what else the template asks for. Values are strings, bools, long, double, null, lists and dictionaries.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, or an expression cannot be evaluated.</exception>
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
        var output = new StringBuilder();
        var scope = new TemplateScope(null);
        foreach (var (name, value) in variables) scope.Set(name, value);
        body.Run(scope, output);
        if (output.Length > LongestOutput) throw new ChatTemplateException($"The text has more than {LongestOutput} characters.");
        return output.ToString();
    }
}

/// <summary>A chat template that cannot be read or applied.</summary>
public sealed class ChatTemplateException(string message) : Exception(message);
