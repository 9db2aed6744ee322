using ModelDsl.Tokenizers.Text;

namespace ModelDsl.Tokenizers.Training;

/// <summary>Expectation-maximisation and pruning over the candidates.</summary>
internal sealed class UnigramLearner(UnigramWords words, UnigramTrainerOptions options)
{
    private const int RoundsBeforePruning = 2;
    private const double LeastExpectedCount = 0.5;

    internal List<UnigramPiece> Learn(List<UnigramPiece> pieces, int wanted)
    {
        // Pruning stops a little above, and the last cut is by probability.
        int target = (int)(wanted * 1.1);
        int first = pieces.Count;
        while (true)
        {
            for (int round = 0; round < RoundsBeforePruning; round++) pieces = Maximise(pieces, Expect(pieces));
            options.Progress?.Report(new TrainingProgress("pruning", first - pieces.Count, Math.Max(1, first - wanted)));
            if (pieces.Count <= target) break;
            var pruned = Prune(pieces, Math.Max(target, (int)(pieces.Count * options.ShrinkFactor)));
            if (pruned.Count == pieces.Count) break;
            pieces = pruned;
        }
        var required = pieces.Where(piece => piece.Required);
        var others = pieces.Where(piece => !piece.Required).OrderByDescending(piece => piece.Score).Take(wanted - required.Count());
        return [.. required.Concat(others).OrderByDescending(piece => piece.Score)];
    }

    // How often each piece is expected to occur, over all ways to cut each word.
    private double[] Expect(List<UnigramPiece> pieces)
    {
        var lattice = new UnigramLattice(pieces);
        return words.Sum(options.Threads, () => new double[pieces.Count],
            (expected, word) => lattice.AddExpected(words.Texts[word], words.Counts[word], expected), AddTo);
    }

    // The Bayesian estimate with a sparse prior: digamma instead of the logarithm.
    private static List<UnigramPiece> Maximise(List<UnigramPiece> pieces, double[] expected)
    {
        var kept = new List<(UnigramPiece Piece, double Count)>();
        for (int i = 0; i < pieces.Count; i++)
            if (expected[i] >= LeastExpectedCount || pieces[i].Required) kept.Add((pieces[i], Math.Max(expected[i], LeastExpectedCount)));
        double total = Digamma(kept.Sum(entry => entry.Count));
        return [.. kept.Select(entry => entry.Piece with { Score = Digamma(entry.Count) - total })];
    }

    // Drops the pieces whose loss lowers the likelihood least.
    private List<UnigramPiece> Prune(List<UnigramPiece> pieces, int keep)
    {
        var lattice = new UnigramLattice(pieces);
        var counts = words.Sum(options.Threads, () => new double[pieces.Count],
            (used, word) => lattice.AddBest(words.Texts[word], words.Counts[word], used), AddTo);
        double total = counts.Sum(), logTotal = Math.Log(total);
        var losses = new double[pieces.Count];
        Parallel.For(0, pieces.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount }, i =>
        {
            var others = pieces[i].Required ? [] : lattice.BestWithout(pieces[i].Text, i);
            if (pieces[i].Required) losses[i] = double.PositiveInfinity;
            else if (counts[i] == 0 || others.Sum(other => pieces[other].Score) >= pieces[i].Score) losses[i] = double.NegativeInfinity; // never the best cut of its own text
            else
            {
                double logTotalWithout = Math.Log(total + counts[i] * (others.Count - 1));
                double without = others.Sum(other => Math.Log(counts[other] + counts[i]) - logTotalWithout);
                losses[i] = counts[i] / total * (Math.Log(counts[i]) - logTotal - without);
            }
        });
        var order = Enumerable.Range(0, pieces.Count).Where(i => !double.IsNegativeInfinity(losses[i])).OrderByDescending(i => losses[i]).Take(keep).Order();
        return [.. order.Select(i => pieces[i])];
    }

    private static void AddTo(double[] sum, double[] more)
    {
        for (int i = 0; i < sum.Length; i++) sum[i] += more[i];
    }

    // Recurrence up to 7, then the asymptotic series about x - 1/2.
    private static double Digamma(double x)
    {
        double result = 0;
        for (; x < 7; x++) result -= 1 / x;
        double square = 1 / ((x - 0.5) * (x - 0.5));
        return result + Math.Log(x - 0.5) + square * (1.0 / 24 - square * (7.0 / 960 - square * (31.0 / 8064 - square * 127.0 / 30720)));
    }
}
