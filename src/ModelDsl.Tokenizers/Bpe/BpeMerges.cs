using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>From a list of merges to the table.</summary>
internal static class BpeMerges
{
    /// <summary>The rank of a merge is its place in the list; of a pair that is listed twice the last counts, as in Hugging Face's reader.</summary>
    internal static PairTable Table(IReadOnlyList<BpeMerge> merges)
    {
        var table = new PairTable(merges.Count);
        for (int rank = merges.Count - 1; rank >= 0; rank--)
            table.TryAdd(merges[rank].Left, merges[rank].Right, rank, merges[rank].Result);
        return table;
    }
}
