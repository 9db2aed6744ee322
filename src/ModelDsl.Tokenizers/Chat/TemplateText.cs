using System.Text;

namespace ModelDsl.Tokenizers.Chat;

/// <summary>A text that grows within the limits of a rendering.</summary>
internal sealed class TemplateText(TemplateRun run)
{
    private readonly StringBuilder text = new();

    internal void Append(string part)
    {
        Reserve(part.Length);
        text.Append(part);
    }

    internal void Append(ReadOnlySpan<char> part)
    {
        Reserve(part.Length);
        text.Append(part);
    }

    internal void Append(char c)
    {
        Reserve(1);
        text.Append(c);
    }

    internal void AppendSpaces(long count)
    {
        Reserve(count);
        text.Append(' ', (int)count);
    }

    public override string ToString()
    {
        run.Make(text.Length);
        return text.ToString();
    }

    private void Reserve(long more)
    {
        run.CheckLength(text.Length + more);
        run.Read(more);
        run.Allocate(sizeof(char) * more);
    }
}
