namespace ModelDsl.Gpu.Proof;

/// <summary>SUBGROUP_SUM and SUBGROUP_MAX over neighbours on axis 0, as many as SUBGROUP_SIZE says.</summary>
public sealed class SubgroupCheck : Check<int>
{
    private const string Source = """
        KERNEL(reduce)(GLOBAL const float* x, GLOBAL float* sums, GLOBAL float* tops, GLOBAL int* size)
        {
            float v = x[ELEMENT];
            sums[ELEMENT] = SUBGROUP_SUM(v);
            tops[ELEMENT] = SUBGROUP_MAX(v);
            if (ELEMENT == 0)
                size[0] = SUBGROUP_SIZE;
        }
        """;

    public override string Name => "dialect sub-group reductions";

    protected override IReadOnlyList<int> Quick => [1, 3];

    protected override void Run(CheckRun run, int groups)
    {
        const int Size = 64;
        var x = run.Normal("x", groups * Size);
        CheckBuffer sums = run.Output("sums", x.Count), tops = run.Output("tops", x.Count), size = run.Scratch("size", 1, Runtime.TensorType.I32);
        run.Device.Compile(new KernelSource("subgroups.c", Source))["reduce"].Launch(run.Stream, new(groups, Size), x, sums, tops, size);
        int neighbours = (int)run.Read(size)[0];
        double[][] parts = [.. x.Values.Chunk(neighbours)];
        run.Expect(
            sums, [.. parts.SelectMany(part => Enumerable.Repeat(part.Sum(), part.Length))],
            [.. parts.SelectMany(part => Enumerable.Repeat(Bounds.Gamma(neighbours) * part.Sum(Math.Abs), part.Length))]);
        run.Expect(tops, [.. parts.SelectMany(part => Enumerable.Repeat(part.Max(), part.Length))], 0);
    }
}
