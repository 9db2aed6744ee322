using ModelDsl.Tokenizers.Bpe;
using ModelDsl.Tokenizers.Normalizing;
using ModelDsl.Tokenizers.Unigram;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>The memory that encoding works in: one for each thread, kept between calls.</summary>
internal sealed class Workspace
{
    private const int CutsAtOnce = 512;

    [ThreadStatic]
    private static Workspace? spare;

    internal readonly int[] Cuts = new int[CutsAtOnce];
    internal readonly BpeMerger Merger = new();
    internal readonly List<int> UnknownLengths = [];
    internal readonly NormalizedText Normalized = new();

    /// <summary>Whether offset 0 of a piece is the beginning of the text.</summary>
    internal bool AtBeginning;

    private int[] symbols = new int[1024];
    private UnigramModel.Arrival[] arrivals = [];

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

    internal Span<UnigramModel.Arrival> Arrivals(int count)
    {
        if (arrivals.Length < count) arrivals = new UnigramModel.Arrival[Math.Max(count, 2 * arrivals.Length)];
        return arrivals.AsSpan(0, count);
    }
}
