using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

public unsafe class CrossEntropyTests
{
    [Theory]
    [InlineData(1, 1f)]
    [InlineData(5, 1f)]
    [InlineData(16, 100f)]
    [InlineData(65, 3f)]
    [InlineData(1024, 30f)]
    [InlineData(5003, 80f)]
    public void LossAndGradientAreTheDefinition(int vocabulary, float range)
    {
        const int rows = 9;
        float scale = 0.25f;
        int stride = vocabulary + 3;
        using var logits = new NativeFloats(rows * stride, 1, range);
        using var losses = new NativeFloats(rows);
        using var alone = new NativeFloats(rows);
        for (int row = 0; row < rows; row++)
            for (int i = vocabulary; i < stride; i++) logits[row * stride + i] = float.NaN;
        int[] targets = Enumerable.Range(0, rows).Select(row => row == 4 ? -1 : (row * 977 + vocabulary - 1) % vocabulary).ToArray();
        float[] before = logits.Span.ToArray();
        fixed (int* p = targets)
        {
            using var device = new CpuDevice(2);
            device.Launch(new CrossEntropyLosses { Logits = logits.Pointer, Targets = p, Losses = alone.Pointer, Vocabulary = vocabulary, Stride = stride }, rows);
            Assert.Equal(before, logits.Span.ToArray());
            device.Launch(
                new CrossEntropyRows { Logits = logits.Pointer, Targets = p, Losses = losses.Pointer, Vocabulary = vocabulary, Stride = stride, Scale = &scale }, rows);
        }
        for (int row = 0; row < rows; row++)
        {
            double[] x = before.AsSpan(row * stride, vocabulary).ToArray().Select(v => (double)v).ToArray();
            double top = x.Max(), logSumExp = top + Math.Log(x.Sum(v => Math.Exp(v - top)));
            int target = targets[row];
            Assert.Equal(target < 0 ? 0 : logSumExp - x[target], losses[row], 4e-7 * range + 3e-7); // roundings of the maximum, the logarithm and the difference
            Assert.Equal(alone[row], losses[row]);
            for (int i = 0; i < vocabulary; i++)
            {
                double exact = target < 0 ? 0 : (Math.Exp(x[i] - logSumExp) - (i == target ? 1 : 0)) * scale;
                Assert.Equal(exact, logits[row * stride + i], scale * (2e-7 * range + 3e-7));
            }
            for (int i = vocabulary; i < stride; i++) Assert.True(float.IsNaN(logits[row * stride + i]));
        }
        logits.AssertMargins();
    }

    [Fact]
    public void ExtremeRows()
    {
        using var row = new NativeFloats(40);
        row.Span.Fill(float.NegativeInfinity);
        Assert.Equal(float.NegativeInfinity, LogSumExpRow.Of(row.Pointer, 40));
        row[33] = 1e30f;
        Assert.Equal(1e30f, LogSumExpRow.Of(row.Pointer, 40));
        row[3] = float.NaN;
        Assert.Equal(float.NaN, LogSumExpRow.Of(row.Pointer, 40));
    }
}
