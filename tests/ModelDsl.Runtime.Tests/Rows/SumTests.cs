using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

public unsafe class SumTests
{
    [Fact]
    public void SumRowsAddsInDouble()
    {
        using var x = new NativeFloats(100_003, 1);
        using var sum = new NativeFloats(1);
        using var device = new CpuDevice(2);
        device.Launch(new SumRows { Source = x.Pointer, Destination = sum.Pointer, Count = x.Count, Factor = 0.5f }, 1);
        double exact = 0;
        foreach (float value in x.Span) exact += value;
        Assert.Equal((float)(0.5 * exact), sum[0]);
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(300, 64, false)]
    [InlineData(129, 211, true)]
    [InlineData(64, 77, false)]
    public void ColumnSumIsTheSumOfEachColumn(int rows, int columns, bool accumulate)
    {
        int stride = columns + 5;
        using var x = new NativeFloats(rows * stride, 1);
        for (int row = 0; row < rows; row++)
            for (int i = columns; i < stride; i++) x[row * stride + i] = float.NaN;
        using var sum = new NativeFloats(columns);
        if (accumulate) sum.Span.Fill(3);
        using var device = new CpuDevice(3);
        var kernel = new ColumnSum
        {
            Source = x.Pointer, Destination = sum.Pointer, SourceRows = rows, Columns = columns, Stride = stride, Accumulate = accumulate,
        };
        device.Launch(kernel, kernel.Rows);
        for (int column = 0; column < columns; column++)
        {
            double exact = accumulate ? 3 : 0;
            for (int row = 0; row < rows; row++) exact += x[row * stride + column];
            Assert.Equal(exact, sum[column], 6e-8 * (64 + rows / 64) * Math.Sqrt(rows) + 6e-7); // as many additions, of partial sums of about sqrt(rows)
        }
        sum.AssertMargins();
    }
}
