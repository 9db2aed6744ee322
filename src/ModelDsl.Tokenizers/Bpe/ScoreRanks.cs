namespace ModelDsl.Tokenizers.Bpe;

/// <summary>Ranks from SentencePiece's scores.</summary>
internal static class ScoreRanks
{
    /// <summary>The largest score is rank 0; equal scores have the same rank.</summary>
    internal static int[] Of(IReadOnlyList<double> scores)
    {
        var ranks = new int[scores.Count];
        int[] order = [.. Enumerable.Range(0, scores.Count).OrderByDescending(id => scores[id])];
        for (int i = 1; i < order.Length; i++)
            ranks[order[i]] = ranks[order[i - 1]] + (scores[order[i]] == scores[order[i - 1]] ? 0 : 1);
        return ranks;
    }
}
