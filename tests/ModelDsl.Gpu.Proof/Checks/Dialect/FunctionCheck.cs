using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>The fp32 functions against float64, within the bounds of the OpenCL standard (the looser of the two).</summary>
public sealed class FunctionCheck : Check<string>
{
    private const string Source = """
        KERNEL(apply)(GLOBAL const float* x, GLOBAL const float* y, GLOBAL float* z, int n)
        {
            int i = (int)ELEMENT;
            if (i < n)
            {
                float a = x[i], b = y[i];
                z[i] = FUNCTION;
            }
        }
        """;

    // The kernel's expression, the exact function, the range of a and b, and the allowed error in ULPs (OpenCL 3.0, table of ULP values).
    private static readonly Dictionary<string, (string Code, Func<double, double, double> Exact, double Low, double High, int Ulps)> s_functions = new()
    {
        ["exp"] = ("EXP(a)", (a, _) => Math.Exp(a), -20, 20, 3),
        ["log"] = ("LOG(a)", (a, _) => Math.Log(a), 0.01, 1000, 3),
        ["sqrt"] = ("SQRT(a)", (a, _) => Math.Sqrt(a), 0, 1000, 3),
        ["rsqrt"] = ("RSQRT(a)", (a, _) => 1 / Math.Sqrt(a), 0.001, 1000, 2),
        ["tanh"] = ("TANH(a)", (a, _) => Math.Tanh(a), -6, 6, 5),
        ["pow"] = ("POW(a, b)", Math.Pow, 0.1, 8, 16),
        ["fma"] = ("FMA(a, b, 0.5f)", (a, b) => Math.FusedMultiplyAdd(a, b, 0.5), -3, 3, 1),
        ["min"] = ("FMIN(a, b)", Math.Min, -3, 3, 0),
        ["max"] = ("FMAX(a, b)", Math.Max, -3, 3, 0),
        ["abs"] = ("ABS(a)", (a, _) => Math.Abs(a), -3, 3, 0),
        ["bits"] = ("AS_FLOAT(AS_UINT(a) ^ 0x80000000u)", (a, _) => -a, -3, 3, 0),
        ["infinity"] = ("a < 0.0f ? -INFINITY : INFINITY", (a, _) => a < 0 ? double.NegativeInfinity : double.PositiveInfinity, -3, 3, 0),
        ["max of NaN"] = ("FMAX(INFINITY - INFINITY, FMIN(a, INFINITY - INFINITY))", (a, _) => a, -3, 3, 0),
    };

    public override string Name => "dialect functions";

    protected override IReadOnlyList<string> Quick => [.. s_functions.Keys];

    protected override void Run(CheckRun run, string function)
    {
        const int Count = 4001;
        var (code, exact, low, high, ulps) = s_functions[function];
        CheckBuffer x = run.Uniform("x", Count, low: low, high: high), y = run.Uniform("y", Count, low: low, high: high), z = run.Output("z", Count);
        run.Device.Compile(new KernelSource("functions.c", Source, ("FUNCTION", code)))["apply"].Launch(run.Stream, KernelGrid.Elements(Count, 64), x, y, z, Count);
        double[] reference = [.. x.Values.Zip(y.Values, exact)];
        // Bounds.Store: a device may also flush small values to 0.
        run.Expect(z, reference, [.. reference.Select(value => ulps == 0 ? 0 : Math.Abs(value) * Bounds.Function(ulps) + Bounds.Store(0, TensorType.F32))]);
    }
}
