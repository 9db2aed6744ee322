using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Bpe;

/// <summary>From the merges of a definition to the table.</summary>
internal static class BpeMerges
{
    internal static PairTable Table(BpeDefinition definition, TokenTable tokens)
    {
        if (definition.Merges is not { } merges) return RankMerges.Derive(tokens, definition.Scores is { } scores ? ScoreRanks.Of(scores) : null, !definition.ByteLevel);
        // The rank of a merge is its place in the list; of a pair that is listed twice the last counts, as in Hugging Face's reader.
        var ranked = new List<(int, int, int, int)>(merges.Count);
        for (int rank = merges.Count - 1; rank >= 0; rank--) ranked.Add((merges[rank].Left, merges[rank].Right, rank, merges[rank].Result));
        return new PairTable(ranked);
    }
}
