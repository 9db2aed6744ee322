using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Runtime;

/// <summary>What the ranks of a data-parallel run add up and compare; with one rank, nothing.</summary>
internal readonly unsafe struct RankSums(Communicator? ranks)
{
    private const int ZeroBytes = 1 << 16;

    public int Size => ranks?.Size ?? 1;

    public int Rank => ranks?.Rank ?? 0;

    public void Add(ref double value) => ranks?.AllReduce(new Span<double>(ref value));

    /// <summary>Adds up the targets of all ranks.</summary>
    /// <exception cref="InvalidOperationException">The ranks are not at the same step.</exception>
    public void AddTargets(ref long targets, long completedSteps)
    {
        if (ranks is null)
            return;
        Span<long> sums = [targets, completedSteps];
        ranks.AllReduce(sums);
        if (sums[1] != completedSteps * ranks.Size)
            throw new InvalidOperationException(
                $"Rank {ranks.Rank} has done {completedSteps} steps, all {ranks.Size} ranks together {sums[1]}: they must begin at the same. Resume all from the same checkpoint.");
        targets = sums[0];
    }

    /// <param name="isZero">This rank had nothing to learn from, and wrote no gradients.</param>
    public void AddGradients(WeightStore gradients, bool isZero)
    {
        if (ranks is null)
            return;
        if (isZero)
        {
            Span<byte> zeros = stackalloc byte[ZeroBytes];
            zeros.Clear();
            for (long done = 0, bytes = gradients.Count * sizeof(float); done < bytes; done += ZeroBytes)
                gradients.Memory.Write(done, zeros[..(int)Math.Min(ZeroBytes, bytes - done)]);
        }
        ranks.AllReduce(gradients.Pointer, gradients.Count, TensorType.F32);
    }

    /// <summary>Refuses ranks that would train different models.</summary>
    /// <exception cref="ArgumentException">Says which options differ.</exception>
    public void CheckAlike(IEnumerable<(string Name, string Value)> options)
    {
        if (ranks is null)
            return;
        var all = options.ToArray();
        long[] least = [.. all.Select(option => (long)Philox.Stream(option.Value))], most = [.. least];
        ranks.AllReduce<long>(least, ReduceOperation.Minimum);
        ranks.AllReduce<long>(most, ReduceOperation.Maximum);
        string[] different = [.. all.Where((_, i) => least[i] != most[i]).Select(option => $"{option.Name} (here {option.Value})")];
        if (different.Length > 0)
            throw new ArgumentException($"The {ranks.Size} ranks are given different options: {string.Join(", ", different)}.");
    }
}
