using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

/// <summary>Attention and its gradients against double precision.</summary>
public unsafe class AttentionTests
{
    public static TheoryData<AttentionCase> Cases() =>
    [
        new(1, 1, 1, 1, 1, 16),
        new(2, 5, 5, 2, 2, 64) { Gap = 7 },
        new(1, 64, 64, 3, 3, 64),
        new(2, 97, 97, 2, 1, 32) { Gap = 3 },
        new(1, 131, 131, 4, 2, 48),
        new(1, 300, 300, 1, 1, 64),
        new(1, 203, 203, 2, 2, 128) { Gap = 1 },
        new(1, 40, 40, 2, 2, 7),                                 // less than a vector
        new(1, 50, 50, 2, 1, 80),
        new(1, 33, 33, 1, 1, 201),
        new(2, 130, 70, 2, 2, 32) { Causal = false, Start = 0 }, // cross attention
        new(1, 70, 199, 2, 1, 64) { Causal = false, Start = 0 },
        new(1, 37, 150, 6, 2, 64) { Room = 11 },                 // behind a cache
        new(2, 3, 200, 8, 2, 64) { Room = 5 },
        new(2, 1, 70, 6, 2, 64) { Room = 9, Gap = 2 },           // decoding
        new(1, 1, 1300, 4, 4, 40) { Gap = 1 },
        new(1, 1, 5000, 2, 1, 16) { Window = 3000 },
        new(3, 1, 600, 4, 1, 128) { SoftCap = 4 },
        new(1, 250, 250, 2, 2, 64) { Window = 33 },
        new(1, 250, 250, 2, 2, 32) { Window = 1 },
        new(1, 200, 200, 2, 2, 32) { Window = 120, Causal = false },
        new(1, 100, 300, 2, 2, 32) { Window = 50, Room = 2 },
        new(1, 150, 150, 2, 1, 64) { SoftCap = 2 },
        new(1, 150, 150, 2, 1, 32) { SoftCap = 5, Window = 40 },
        new(1, 60, 20, 1, 1, 16) { Causal = false, Start = 0, Window = 5 }, // queries that see nothing
    ];

    [Theory, MemberData(nameof(Cases))]
    public void ForwardIsTheDefinition(AttentionCase c)
    {
        foreach (var isa in Enum.GetValues<CpuIsa>().Where(isa => isa <= CpuInfo.BestIsa))
        {
            using var device = new CpuDevice(2, isa);
            using var x = new AttentionTensors(c, 1);
            var exact = new AttentionReference(c, x.Query, x.Key, x.Value);

            device.Attention(x.Arguments);

            CheckQueries($"{isa} output", c, x, x.Arguments.Output, exact.Output, OutputTolerance(c));
            for (int b = 0; b < c.B; b++)
                for (int h = 0; h < c.H; h++)
                    for (int t = 0; t < c.Tq; t++)
                    {
                        float got = x.Arguments.LogSumExp[((long)b * c.H + h) * c.Tq + t];
                        double want = exact.LogSumExp[b, h, t];
                        Assert.True(got == want || Math.Abs(got - want) <= ScoreTolerance(c) + 3e-7 * Math.Abs(want), $"{isa} log sum exp {b} {h} {t}: {got}, not {want}");
                    }
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void BackwardIsTheDefinition(AttentionCase c)
    {
        foreach (var isa in Enum.GetValues<CpuIsa>().Where(isa => isa <= CpuInfo.BestIsa))
        {
            using var device = new CpuDevice(2, isa);
            using var x = new AttentionTensors(c, 2);
            var exact = new AttentionReference(c, x.Query, x.Key, x.Value, x.OutputGradient);

            device.Attention(x.Arguments);
            device.AttentionBackward(x.Arguments, x.Gradients);

            double tolerance = GradientTolerance(c);
            CheckQueries($"{isa} dQ", c, x, x.Gradients.Query, exact.QueryGradient, tolerance);
            CheckKeys($"{isa} dK", c, x, x.Gradients.Key, exact.KeyGradient, tolerance);
            CheckKeys($"{isa} dV", c, x, x.Gradients.Value, exact.ValueGradient, tolerance);
        }
    }

    [Fact]
    public void TheReferencesGradientIsItsSlope()
    {
        var c = new AttentionCase(1, 3, 5, 2, 1, 4) { SoftCap = 1.5f, Window = 4 };
        using var x = new AttentionTensors(c, 3);
        var exact = new AttentionReference(c, x.Query, x.Key, x.Value, x.OutputGradient);
        const double step = 1e-5;

        double Loss(int which, int b, int h, int t, int d, double by)
        {
            Func<int, int, int, int, double> Moved(int operand, Func<int, int, int, int, double> f) =>
                (b2, h2, t2, d2) => f(b2, h2, t2, d2) + (which == operand && (b, h, t, d) == (b2, h2, t2, d2) ? by : 0);
            var moved = new AttentionReference(c, Moved(0, x.Query), Moved(1, x.Key), Moved(2, x.Value));
            double loss = 0;
            for (int head = 0; head < c.H; head++)
                for (int query = 0; query < c.Tq; query++)
                    for (int i = 0; i < c.D; i++) loss += moved.Output[0, head, query, i] * x.OutputGradient(0, head, query, i);
            return loss;
        }

        void Check(int which, double[,,,] gradient)
        {
            for (int h = 0; h < gradient.GetLength(1); h++)
                for (int t = 0; t < gradient.GetLength(2); t++)
                    for (int d = 0; d < c.D; d++)
                    {
                        double slope = (Loss(which, 0, h, t, d, step) - Loss(which, 0, h, t, d, -step)) / (2 * step);
                        Assert.Equal(slope, gradient[0, h, t, d], 1e-8); // step^2, and 1e-16 / step
                    }
        }
        Check(0, exact.QueryGradient);
        Check(1, exact.KeyGradient);
        Check(2, exact.ValueGradient);
    }

    /// <summary>An error of a product of D pairs below 1.5 each, rounded at every step, times the scale; and a few roundings of the score itself.</summary>
    private static double ScoreTolerance(AttentionCase c)
    {
        double largest = 2.25 * c.D * c.Scale;
        return 6e-8 * largest * (Math.Sqrt(c.D) + 4);
    }

    /// <summary>An error e of the scores is a relative error e of each probability and at most 2 e of their quotient; values are below 1.5.</summary>
    private static double OutputTolerance(AttentionCase c) => 1.5 * (2 * ScoreTolerance(c) + 6e-8 * (Math.Sqrt(c.Tk) + 8));

    /// <summary>
    /// A sum over at most max(Tq group, Tk) of products P dP K scale with P's relative error from above, dP below
    /// 2.25 D, sums of P over a row 1, over a column at most Tq.
    /// </summary>
    private static double GradientTolerance(AttentionCase c)
    {
        double column = Math.Sqrt((double)c.Tq * c.H / c.Hk) * 3;
        return column * (2 * ScoreTolerance(c) + 6e-8 * (Math.Sqrt(Math.Max(c.Tq, c.Tk)) + Math.Sqrt(c.D) + 8)) * 1.5 * Math.Max(1, 2.25 * Math.Sqrt(c.D) * c.Scale);
    }

    private static void CheckQueries(string name, AttentionCase c, AttentionTensors x, float* got, double[,,,] exact, double tolerance)
    {
        Check(name, c.B, c.H, c.Tq, c.D, x.QueryStride, got, exact, tolerance);
        x.AssertGapsUntouched(got, c.B * c.Tq, x.QueryStride, c.H * c.D);
    }

    private static void CheckKeys(string name, AttentionCase c, AttentionTensors x, float* got, double[,,,] exact, double tolerance)
    {
        Check(name, c.B, c.Hk, c.Tk, c.D, x.KeyStride, got, exact, tolerance);
        x.AssertGapsUntouched(got, c.B * c.Tk, x.KeyStride, c.Hk * c.D);
    }

    private static void Check(string name, int batch, int heads, int length, int size, int stride, float* got, double[,,,] exact, double tolerance)
    {
        for (int b = 0; b < batch; b++)
            for (int h = 0; h < heads; h++)
                for (int t = 0; t < length; t++)
                    for (int d = 0; d < size; d++)
                    {
                        float value = got[((long)b * length + t) * stride + h * size + d];
                        double error = Math.Abs(value - exact[b, h, t, d]);
                        Assert.True(error <= tolerance, $"{name}[{b}, {h}, {t}, {d}] is {value}, not {exact[b, h, t, d]}: {error:E2} > {tolerance:E2}");
                    }
    }
}
