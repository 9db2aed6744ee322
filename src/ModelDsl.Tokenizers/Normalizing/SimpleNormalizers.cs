using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Normalizing;

/// <summary>Drops white space at the ends.</summary>
internal sealed class StripNormalizer(NormalizerDefinition.Strip definition) : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        var bytes = text.Text;
        int from = 0, to = bytes.Length;
        while (definition.Left && from < to && Utf8.IsSpace(bytes, from, out int length)) from += length;
        while (definition.Right && to > from && Utf8.IsSpace(bytes, Utf8.Previous(bytes, to), out _)) to = Utf8.Previous(bytes, to);
        text.Keep(from, to);
        text.Flip();
    }
}

/// <summary>Puts text before a text that is not empty.</summary>
internal sealed class PrependNormalizer(NormalizerDefinition.Prepend definition) : Normalizer
{
    private readonly byte[] prefix = Encoding.UTF8.GetBytes(definition.Text);

    internal override void Apply(NormalizedText text)
    {
        if (text.Text.IsEmpty || definition.OnlyAtBeginning && !text.IsBeginning) return;
        text.Replace(prefix, 0, 0);
        text.Keep(0, text.Text.Length);
        text.Flip();
    }
}

/// <summary>Puts text in the place of each match.</summary>
internal sealed class ReplaceNormalizer(PatternScanner scanner, string content) : Normalizer
{
    private readonly byte[] replacement = Encoding.UTF8.GetBytes(content);

    internal override void Apply(NormalizedText text)
    {
        Span<int> cuts = stackalloc int[64];
        int length = text.Text.Length;
        for (int from = 0; from < length;)
        {
            int count = scanner.Cut(text.Text, from, cuts);
            foreach (int cut in cuts[..count])
            {
                int end = cut < 0 ? ~cut : cut;
                if (cut < 0) text.Keep(from, end);
                else text.Replace(replacement, from, end);
                from = end;
            }
        }
        text.Flip();
    }
}

/// <summary>No spaces at the ends, one in place of several.</summary>
internal sealed class CollapseSpacesNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        var bytes = text.Text;
        int end = bytes.TrimEnd((byte)' ').Length;
        for (int i = bytes.Length - bytes.TrimStart((byte)' ').Length; i < end;)
        {
            int word = i + 1;
            if (bytes[i] == ' ')
            {
                text.Keep(i, i + 1);
                while (word < end && bytes[word] == ' ') word++;
            }
            else
            {
                while (word < end && bytes[word] != ' ') word++;
                text.Keep(i, word);
            }
            i = word;
        }
        text.Flip();
    }
}
