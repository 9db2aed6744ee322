using System.Text;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;
using ModelDsl.Tokenizers.Unicode;

namespace ModelDsl.Tokenizers.Normalizing;

/// <summary>Brings a text into a Unicode normalisation form, run by run; what is in the form already is only copied.</summary>
internal sealed class FormNormalizer(NormalizerDefinition.Form form) : Normalizer
{
    private readonly UnicodeNormalizer normalizer = new(form.Compose, form.Compatibility);

    internal override void Apply(NormalizedText text)
    {
        var bytes = text.Text;
        var run = text.Run;
        int kept = 0;
        for (int i = 0; i < bytes.Length;)
        {
            // Below the first character that any form changes, what counts is only whether a mark follows.
            int skip = bytes[i..].IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (skip < 0) break;
            if (skip > 1) i += skip - 1;
            int start = i, codePoint = Utf8.Read(bytes, i, out int length);
            i += length;
            bool inert = length == 1 || codePoint < normalizer.FirstAffected || normalizer.IsInert(codePoint);
            if (i == bytes.Length || normalizer.IsBoundary(Utf8.Read(bytes, i, out _)) || IsInvalid(bytes, start))
            {
                if (inert) continue;
            }
            run.Clear();
            run.Add(codePoint);
            while (i < bytes.Length && !IsInvalid(bytes, i) && Utf8.Read(bytes, i, out length) is var next && !normalizer.IsBoundary(next))
            {
                run.Add(next);
                i += length;
            }
            text.Keep(kept, start);
            normalizer.Normalize(run);
            Write(text, run, start, i);
            kept = i;
        }
        text.Keep(kept, bytes.Length);
        text.Flip();
    }

    private static bool IsInvalid(ReadOnlySpan<byte> bytes, int at) => Utf8.Read(bytes, at, out int length) == Utf8.Replacement && length == 1;

    private static void Write(NormalizedText text, List<int> run, int start, int end)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (int codePoint in run) text.Replace(utf8[..new Rune(codePoint).EncodeToUtf8(utf8)], start, end);
    }
}
