namespace ModelDsl.Gpu.Proof;

/// <summary>LOAD4 and STORE4 in global and on-chip memory, a two-dimensional on-chip array, barriers, helper functions.</summary>
public sealed class VectorCheck : Check<int>
{
    private const string Source = """
        DEVICE float4 reversed(float4 v)
        {
            float4 r;
            r.x = v.w, r.y = v.z, r.z = v.y, r.w = v.x;
            return r;
        }
        DEVICE void put(LOCAL float* row, int place, float4 v)
        {
            STORE4(row + 4 * place, v);
        }
        KERNEL_BOUNDS(reverse, 16)(GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y)
        {
            SHARED float tile[2][64];
            int i = LOCAL_ID(0);
            put(tile[i & 1], i, LOAD4(x + 4 * ELEMENT));
            BARRIER();
            int from = 15 - i;
            STORE4(y + 64 * ROW + 4 * i, reversed(LOAD4(&tile[from & 1][4 * from])));
        }
        """;

    public override string Name => "dialect vectors";

    protected override IReadOnlyList<int> Quick => [1, 17];

    protected override void Run(CheckRun run, int groups)
    {
        var x = run.Uniform("x", 64 * groups);
        var y = run.Output("y", x.Count);
        run.Device.Compile(new KernelSource("vectors.c", Source))["reverse"].Launch(run.Stream, new(groups, 16), x, y);
        run.Expect(y, [.. x.Values.Chunk(64).SelectMany(group => group.Reverse())], 0);
    }
}
