using System.Globalization;
using System.Text;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Normalizing;

/// <summary>Applies a rule to each character by itself.</summary>
/// <param name="rule">Null: keep the character; else what stands for it.</param>
internal sealed class CharacterNormalizer(Func<int, string?> rule) : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        var bytes = text.Text;
        Span<byte> utf8 = stackalloc byte[16];
        int kept = 0;
        for (int i = 0, length; i < bytes.Length; i += length)
        {
            int codePoint = Utf8.Read(bytes, i, out length);
            if (codePoint == Utf8.Replacement && length == 1 || rule(codePoint) is not { } replacement) continue;
            text.Keep(kept, i);
            text.Replace(utf8[..Encoding.UTF8.GetBytes(replacement, utf8)], i, i + length);
            kept = i + length;
        }
        text.Keep(kept, bytes.Length);
        text.Flip();
    }
}

/// <summary>The rules: null for a character that stays.</summary>
internal static class CharacterRules
{
    internal static string? Lower(int codePoint)
    {
        if (codePoint < 0x80) return codePoint is >= 'A' and <= 'Z' ? ((char)(codePoint | 0x20)).ToString() : null;
        if (codePoint == 0x130) return "i\u0307"; // the one letter whose lower case is two code points
        var rune = new Rune(codePoint);
        var lower = Rune.ToLowerInvariant(rune);
        return lower == rune ? null : lower.ToString();
    }

    internal static string? DropMarks(int codePoint) => codePoint >= 0x300 && Category(codePoint)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark ? "" : null;

    internal static string? DropNonspacingMarks(int codePoint) =>
        codePoint >= 0x300 && Category(codePoint) == UnicodeCategory.NonSpacingMark ? "" : null;

    /// <summary>BERT's cleaning: no control characters, every white space a space.</summary>
    internal static string? Clean(int codePoint)
    {
        if (codePoint is 0 or Utf8.Replacement) return "";
        if (codePoint is '\t' or '\n' or '\r') return " ";
        if (Category(codePoint) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
            or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned) return "";
        return codePoint != ' ' && codePoint <= 0xFFFF && char.IsWhiteSpace((char)codePoint) ? " " : null;
    }

    /// <summary>A space on both sides of each CJK ideograph.</summary>
    internal static string? SpaceChinese(int codePoint) => codePoint
        is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F
        or >= 0x2B740 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F
        ? $" {new Rune(codePoint)} " : null;

    /// <summary>SentencePiece's nmt rules.</summary>
    internal static string? Nmt(int codePoint) => codePoint switch
    {
        >= 0x01 and <= 0x08 or 0x0B or >= 0x0E and <= 0x1F or 0x7F or 0x8F or 0x9F => "",
        0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or >= 0x200B and <= 0x200F or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => " ",
        _ => null,
    };

    private static UnicodeCategory Category(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint);
}
