using ModelDsl.Tokenizers.Bpe;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>The memory that encoding works in: one for each thread, kept between calls.</summary>
internal sealed class Workspace
{
    private const int CutsAtOnce = 512;

    [ThreadStatic]
    private static Workspace? spare;

    internal readonly int[] Cuts = new int[CutsAtOnce];
    internal readonly BpeMerger Merger = new();
    private int[] symbols = new int[1024];

    internal static Workspace Rent()
    {
        var workspace = spare ?? new Workspace();
        spare = null;
        return workspace;
    }

    internal static void Return(Workspace workspace) => spare = workspace;

    internal int[] Symbols(int count)
    {
        if (symbols.Length < count) symbols = new int[Math.Max(count, 2 * symbols.Length)];
        return symbols;
    }
}
