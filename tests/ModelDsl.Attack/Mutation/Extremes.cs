namespace ModelDsl.Attacks.Mutation;

/// <summary>Values at which readers go wrong.</summary>
internal static class Extremes
{
    public static readonly long[] Integers =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 511, 512, 1023, 1024, 4096, 32767, 32768, 65535, 65536, 1 << 20, (1 << 24) - 1, 1 << 24,
        1 << 26, 1 << 28, int.MaxValue - 1, int.MaxValue, 1L << 31, uint.MaxValue, 1L << 32, 1L << 40, 1L << 53, long.MaxValue - 1, long.MaxValue, long.MinValue, int.MinValue, -1, -2, -128, -32768,
    ];

    /// <summary>As text; not all of them are numbers that every reader knows.</summary>
    public static readonly string[] Numbers =
    [
        .. Integers.Select(number => $"{number}"), "0.5", "-0.0", "1e-400", "1e308", "-1e308", "1e400", "1E+2", "0001", "9223372036854775808", "18446744073709551616", "NaN", "Infinity", "-Infinity", "1_0", "٣", "+5", "0x10",
    ];

    public static readonly string[] Strings =
    [
        "", " ", "\0", "\n", "\uFEFF", "\u2581", "Ġ", "é", "e\u0301", "日本", "👩‍👩‍👧", "a\u0300\u0301\u0302", "\uFFFD", "..", "/", "../../x", "null", "true", "[UNK]", "<unk>", "<0x41>", "##", "{}", "\u202E",
    ];
}
