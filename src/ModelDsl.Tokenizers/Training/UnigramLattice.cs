using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Training;

/// <summary>All ways to cut a word into pieces, summed over or searched for the best.</summary>
internal sealed class UnigramLattice
{
    private readonly ByteTrie trie = new();
    private readonly List<UnigramPiece> pieces;

    internal UnigramLattice(List<UnigramPiece> pieces)
    {
        this.pieces = pieces;
        for (int i = 0; i < pieces.Count; i++) trie.Add(pieces[i].Text, i);
    }

    /// <summary>Adds to each piece how often it is expected in a word (forward-backward), times the word's count. A word that the pieces do not cover adds nothing.</summary>
    internal void AddExpected(byte[] word, long count, double[] expected)
    {
        Span<double> forward = word.Length < 256 ? stackalloc double[word.Length + 1] : new double[word.Length + 1];
        Span<double> backward = word.Length < 256 ? stackalloc double[word.Length + 1] : new double[word.Length + 1];
        forward.Fill(double.NegativeInfinity);
        backward.Fill(double.NegativeInfinity);
        (forward[0], backward[^1]) = (0, 0);
        for (int at = 0; at < word.Length; at++)
        {
            if (double.IsNegativeInfinity(forward[at])) continue;
            for (int node = ByteTrie.Root, end = at; end < word.Length && (node = trie.Next(node, word[end++])) >= 0;)
                if (trie.Value(node) is var piece and >= 0) forward[end] = LogSum(forward[end], forward[at] + pieces[piece].Score);
        }
        if (double.IsNegativeInfinity(forward[^1])) return;
        for (int at = word.Length - 1; at >= 0; at--)
        {
            if (double.IsNegativeInfinity(forward[at])) continue;
            for (int node = ByteTrie.Root, end = at; end < word.Length && (node = trie.Next(node, word[end++])) >= 0;)
            {
                if (trie.Value(node) is not (var piece and >= 0) || double.IsNegativeInfinity(backward[end])) continue;
                backward[at] = LogSum(backward[at], backward[end] + pieces[piece].Score);
                expected[piece] += count * Math.Exp(forward[at] + pieces[piece].Score + backward[end] - forward[^1]);
            }
        }
    }

    /// <summary>Adds the word's count to each piece of its best cut.</summary>
    internal void AddBest(byte[] word, long count, double[] used)
    {
        foreach (int piece in Best(word, without: -1)) used[piece] += count;
    }

    /// <summary>The best cut of a text when one piece may not be used.</summary>
    internal List<int> BestWithout(byte[] text, int without) => Best(text, without);

    private List<int> Best(byte[] word, int without)
    {
        var best = new (double Score, int Start, int Piece)[word.Length + 1];
        for (int i = 1; i <= word.Length; i++) best[i] = (double.NegativeInfinity, -1, -1);
        for (int at = 0; at < word.Length; at++)
        {
            if (at > 0 && best[at].Start < 0) continue;
            for (int node = ByteTrie.Root, end = at; end < word.Length && (node = trie.Next(node, word[end++])) >= 0;)
                if (trie.Value(node) is var piece and >= 0 && piece != without && best[at].Score + pieces[piece].Score > best[end].Score)
                    best[end] = (best[at].Score + pieces[piece].Score, at, piece);
        }
        var cut = new List<int>();
        for (int end = word.Length; end > 0; end = best[end].Start)
        {
            if (best[end].Start < 0) return [];
            cut.Add(best[end].Piece);
        }
        return cut;
    }

    private static double LogSum(double a, double b)
    {
        if (double.IsNegativeInfinity(a)) return b;
        double larger = Math.Max(a, b);
        return larger + Math.Log(1 + Math.Exp(Math.Min(a, b) - larger));
    }
}
