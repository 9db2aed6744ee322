using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

public unsafe class OptimizerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(50_001)]
    public void AdamWFollowsThePaper(int count)
    {
        using var w = new NativeFloats(count, 1);
        using var g = new NativeFloats(count, 2);
        using var m = new NativeFloats(count);
        using var v = new NativeFloats(count);
        m.Span.Clear();
        v.Span.Clear();
        const double rate = 1e-2, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, decay = 0.1, clip = 0.5;
        double[] w2 = w.Span.ToArray().Select(x => (double)x).ToArray(), m2 = new double[count], v2 = new double[count];
        using var device = new CpuDevice(2);
        for (int t = 1; t <= 5; t++)
        {
            var step = new AdamW
            {
                Weights = w.Pointer, Gradients = g.Pointer, FirstMoment = m.Pointer, SecondMoment = v.Pointer, Count = count,
                LearningRate = (float)rate, Beta1 = (float)beta1, Beta2 = (float)beta2, Epsilon = (float)epsilon, WeightDecay = (float)decay,
                GradientScale = (float)clip, BiasCorrection1 = (float)(1 - Math.Pow(beta1, t)), BiasCorrection2 = (float)(1 - Math.Pow(beta2, t)),
            };
            device.Launch(step, step.Rows);
            for (int i = 0; i < count; i++)
            {
                double gradient = clip * g[i];
                m2[i] = beta1 * m2[i] + (1 - beta1) * gradient;
                v2[i] = beta2 * v2[i] + (1 - beta2) * gradient * gradient;
                w2[i] -= rate * decay * w2[i];
                w2[i] -= rate * (m2[i] / (1 - Math.Pow(beta1, t))) / (Math.Sqrt(v2[i] / (1 - Math.Pow(beta2, t))) + epsilon);
            }
        }
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(w2[i], w[i], 1e-6); // five roundings of weights below 1, steps of 0.01 with a relative error of 1e-6
            Assert.Equal(m2[i], m[i], 5e-7);
            Assert.Equal(v2[i], v[i], 5e-7);
        }
        w.AssertMargins();
        m.AssertMargins();
        v.AssertMargins();
    }

    [Fact]
    public void SquaredNormIsExactToDoubleAndTheSameForAnyThreads()
    {
        using var x = new NativeFloats(123_457, 3);
        x[5] = 1e25f; // its square is beyond a float
        double exact = 0;
        foreach (float value in x.Span) exact += (double)value * value;
        double? first = null;
        foreach (int threads in new[] { 1, 2, 4 })
        {
            double[] partial = new double[SquaredNorm.RowsOf(x.Count)];
            fixed (double* p = partial)
            {
                using var device = new CpuDevice(threads);
                var norm = new SquaredNorm { Values = x.Pointer, Count = x.Count, Partial = p };
                device.Launch(norm, norm.Rows);
                Assert.Equal(1, norm.Total() / exact, 1e-13);
                Assert.Equal(first ??= norm.Total(), norm.Total());
            }
        }
    }
}
