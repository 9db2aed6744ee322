namespace ModelDsl.Gpu.Proof;

/// <summary>Arguments of every type reach a kernel, and a launch covers every element once: all other checks depend on it.</summary>
public sealed class ArgumentsCheck : Check<int>
{
    private const string Source = """
        KERNEL(affine)(GLOBAL float* y, GLOBAL const float* x, float slope, int offset, int64 count)
        {
            int64 i = ELEMENT;
            if (i < count)
                y[i] = x[i] * slope + (float)offset;
        }
        """;

    public override string Name => "kernel arguments";

    protected override IReadOnlyList<int> Quick => [1, 255, 257, 4099];

    protected override IReadOnlyList<int> Full => [10_000_019];

    protected override void Run(CheckRun run, int count)
    {
        const float Slope = -1.25f;
        const int Offset = 12345;
        var x = run.Uniform("x", count);
        var y = run.Output("y", count);
        run.Device.Compile(new KernelSource("affine.c", Source))["affine"]
            .Launch(run.Stream, KernelGrid.Elements(count), y, x, Slope, Offset, (long)count);

        // Slope is a sum of two powers of two and the result is rounded at most twice.
        double[] reference = [.. x.Values.Select(value => value * Slope + Offset)];
        run.Expect(y, reference, [.. reference.Select(value => 2 * Bounds.Store(value, Runtime.TensorType.F32))]);
    }
}
