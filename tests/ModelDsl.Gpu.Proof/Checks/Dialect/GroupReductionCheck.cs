namespace ModelDsl.Gpu.Proof;

/// <summary>
/// GROUP_SUM and GROUP_MAX have the dialect's order on every device, bit for bit, at group sizes that are and are not
/// powers of two; and the scratch can be reused after each.
/// </summary>
public sealed class GroupReductionCheck : Check<int>
{
    private const int Groups = 5;

    private const string Source = """
        KERNEL(reduce)(GLOBAL const float* x, GLOBAL float* sums, GLOBAL float* tops, GLOBAL float* again)
        {
            SHARED float scratch[1024];
            float v = x[ELEMENT];
            float sum = GROUP_SUM(v, scratch);
            float top = GROUP_MAX(v, scratch);
            float shifted = GROUP_SUM(v + 1.0f, scratch);
            sums[ELEMENT] = sum;
            tops[ELEMENT] = top;
            again[ELEMENT] = shifted;
        }
        """;

    public override string Name => "dialect group reductions";

    protected override IReadOnlyList<int> Quick => [1, 2, 31, 32, 33, 100, 256, 1000, 1024];

    protected override void Run(CheckRun run, int size)
    {
        if (size > run.Device.MaxGroupSize)
            CheckRun.Skip($"groups of {run.Device.Id} have at most {run.Device.MaxGroupSize} threads");
        int count = Groups * size;
        var x = run.Normal("x", count);
        CheckBuffer sums = run.Output("sums", count), tops = run.Output("tops", count), again = run.Output("again", count);
        run.Device.Compile(new KernelSource("group_reductions.c", Source))["reduce"].Launch(run.Stream, new(Groups, size), x, sums, tops, again);
        run.Expect(sums, PerGroup(x, size, group => Reduce(group, (a, b) => a + b)), 0);
        run.Expect(tops, PerGroup(x, size, group => Reduce(group, Math.Max)), 0);
        run.Expect(again, PerGroup(x, size, group => Reduce([.. group.Select(v => v + 1)], (a, b) => a + b)), 0);
    }

    private static double[] PerGroup(CheckBuffer x, int size, Func<float[], float> reduce) =>
        [.. x.Values.Select(value => (float)value).Chunk(size).SelectMany(group => Enumerable.Repeat((double)reduce(group), size))];

    // As dialect.h says: inside runs of 32, pairs at distance 16, 8, 4, 2, 1; then the runs in turn.
    private static float Reduce(float[] group, Func<float, float, float> combine) => group.Chunk(32).Select(run =>
    {
        for (int distance = 16; distance > 0; distance /= 2)
            for (int i = 0; i < distance && i + distance < run.Length; i++)
                run[i] = combine(run[i], run[i + distance]);
        return run[0];
    }).Aggregate(combine);
}
