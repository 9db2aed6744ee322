// The named sets of the pattern language: \s \d \w, \p{..}, and what (?i) adds to a set.
using System.Collections.Generic;
using System.Globalization;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>The named character sets, as the Unicode standard (UTS 18, annex C) defines them.</summary>
internal static class CodePointSets
{
    // In the order of System.Globalization.UnicodeCategory.
    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>The property White_Space.</summary>
    internal static CodePointSet Space { get; } = Ranges(
        0x09, 0x0D, 0x20, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F,
        0x205F, 0x205F, 0x3000, 0x3000);

    internal static CodePointSet Digit { get; } = Named("Nd")!;

    /// <summary>Alphabetic, marks, decimal digits, connectors and the joiners; the circled letters are Alphabetic too.</summary>
    internal static CodePointSet Word { get; } = Named("L")!.Union(Named("M")!).Union(Named("Nd")!).Union(Named("Nl")!)
        .Union(Named("Pc")!)
        .Union(Ranges(0x200C, 0x200D, 0x24B6, 0x24E9, 0x1F130, 0x1F149, 0x1F150, 0x1F169, 0x1F170, 0x1F189));

    /// <summary>ASCII punctuation and symbols, and the categories P*.</summary>
    internal static CodePointSet Punctuation { get; } =
        Ranges(0x21, 0x2F, 0x3A, 0x40, 0x5B, 0x60, 0x7B, 0x7E).Union(Named("P")!);

    private static readonly CodePointSet Han = Ranges(
        0x2E80, 0x2E99, 0x2E9B, 0x2EF3, 0x2F00, 0x2FD5, 0x3005, 0x3005, 0x3007, 0x3007, 0x3021, 0x3029, 0x3038, 0x303B,
        0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xF900, 0xFA6D, 0xFA70, 0xFAD9, 0x16FE2, 0x16FE3, 0x16FF0, 0x16FF1,
        0x20000, 0x2A6DF, 0x2A700, 0x2B739, 0x2B740, 0x2B81D, 0x2B820, 0x2CEA1, 0x2CEB0, 0x2EBE0, 0x2EBF0, 0x2EE5D,
        0x2F800, 0x2FA1D, 0x30000, 0x3134A, 0x31350, 0x323AF);

    private static readonly CodePointSet Hiragana = Ranges(
        0x3041, 0x3096, 0x309D, 0x309F, 0x1B001, 0x1B11F, 0x1B132, 0x1B132, 0x1B150, 0x1B152, 0x1F200, 0x1F200);

    private static readonly CodePointSet Katakana = Ranges(
        0x30A1, 0x30FA, 0x30FD, 0x30FF, 0x31F0, 0x31FF, 0x32D0, 0x32FE, 0x3300, 0x3357, 0xFF66, 0xFF6F, 0xFF71, 0xFF9D,
        0x1AFF0, 0x1AFF3, 0x1AFF5, 0x1AFFB, 0x1AFFD, 0x1AFFE, 0x1B000, 0x1B000, 0x1B120, 0x1B122, 0x1B155, 0x1B155,
        0x1B164, 0x1B167);

    private static readonly CodePointSet Hangul = Ranges(
        0x1100, 0x11FF, 0x302E, 0x302F, 0x3131, 0x318E, 0x3200, 0x321E, 0x3260, 0x327E, 0xA960, 0xA97C, 0xAC00, 0xD7A3,
        0xD7B0, 0xD7C6, 0xD7CB, 0xD7FB, 0xFFA0, 0xFFBE, 0xFFC2, 0xFFC7, 0xFFCA, 0xFFCF, 0xFFD2, 0xFFD7, 0xFFDA, 0xFFDC);

    /// <summary>What <c>\p{name}</c> stands for, or null where the name is none of the supported ones.</summary>
    internal static CodePointSet? Named(string name)
    {
        if (name.StartsWith("Script=", System.StringComparison.Ordinal)) name = name.Substring(7);
        switch (name)
        {
            case "Any": return CodePointSet.All;
            case "Han": return Han;
            case "Hiragana": return Hiragana;
            case "Katakana": return Katakana;
            case "Hangul": return Hangul;
            case "White_Space": return Space;
        }
        uint mask = 0;
        for (int i = 0; i < CategoryNames.Length; i++)
            if (CategoryNames[i] == name || (name.Length == 1 && CategoryNames[i][0] == name[0])) mask |= 1u << i;
        return mask == 0 ? null : CodePointSet.OfCategories(mask);
    }

    /// <summary>The set with the case variants of every letter that it names one by one or in ranges.</summary>
    internal static CodePointSet IgnoreCase(CodePointSet set, PatternBudget budget, int column)
    {
        const int largestRange = 0x800, stepsPerCodePoint = 8;
        var variants = new SortedSet<int>();
        foreach (var (first, last) in set.WholeRanges())
        {
            if (last - first > largestRange) continue;
            budget.Step(stepsPerCodePoint * (last - first + 1L), column);
            for (int c = first; c <= last && c <= 0xFFFF; c++) variants.UnionWith(CaseVariants((char)c));
        }
        return variants.Count == 0 ? set : set.Union(CodePointSet.Of(variants));
    }

    private static IEnumerable<int> CaseVariants(char c)
    {
        char lower = char.ToLowerInvariant(c), upper = char.ToUpperInvariant(c);
        if (lower != c) yield return lower;
        if (upper != c) yield return upper;
        // The long s and the Kelvin sign fold to ASCII letters.
        if (lower == 's' || c == '\u017F') { yield return 's'; yield return 'S'; yield return 0x17F; }
        if (lower == 'k' || c == '\u212A') { yield return 'k'; yield return 'K'; yield return 0x212A; }
    }

    /// <summary>The general categories that occur in [first, last), for intervals whose categories no version of Unicode will change.</summary>
    internal static uint StableCategories(int first, int end)
    {
        const int firstUnstable = 0x250;
        if (end > firstUnstable) return CodePointSet.Every;
        uint mask = 0;
        for (int c = first; c < end; c++) mask |= 1u << (int)CharUnicodeInfo.GetUnicodeCategory((char)c);
        return mask;
    }

    private static CodePointSet Ranges(params int[] bounds)
    {
        var set = CodePointSet.Empty;
        for (int i = 0; i < bounds.Length; i += 2) set = set.Union(CodePointSet.Of(bounds[i], bounds[i + 1]));
        return set;
    }
}
