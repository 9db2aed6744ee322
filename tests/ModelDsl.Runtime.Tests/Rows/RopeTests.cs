using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

public unsafe class RopeTests
{
    [Theory]
    [InlineData(RopeLayout.Half, 64, 64)]
    [InlineData(RopeLayout.Half, 64, 24)]
    [InlineData(RopeLayout.Half, 34, 34)]
    [InlineData(RopeLayout.Interleaved, 64, 64)]
    [InlineData(RopeLayout.Interleaved, 40, 22)]
    [InlineData(RopeLayout.Interleaved, 2, 2)]
    public void RotatesEachPairByItsAngle(RopeLayout layout, int size, int dim)
    {
        const int heads = 3, length = 7, sequences = 2, start = 5, rows = sequences * length;
        const float theta = 10000;
        int stride = heads * size + 3;
        using var table = new NativeFloats((start + length) * dim);
        RopeTable.Fill(table.Pointer, start + length, dim, theta);
        using var source = new NativeFloats(rows * stride, 1);
        using var result = new NativeFloats(rows * (stride + 2));
        using var back = new NativeFloats(rows * stride);
        using var device = new CpuDevice(2);
        var rope = new Rope
        {
            Source = source.Pointer, Destination = result.Pointer, SourceStride = stride, DestinationStride = stride + 2,
            DestinationBatchStride = length * (stride + 2),
            Heads = heads, HeadSize = size, RotaryDim = dim, Length = length, Start = start, Table = table.Pointer, Layout = layout,
        };
        device.Launch(rope, rows);

        for (int row = 0; row < rows; row++)
            for (int head = 0; head < heads; head++)
                for (int i = 0; i < size; i++)
                {
                    int pair = layout == RopeLayout.Half ? i % (dim / 2) : i / 2;
                    bool first = layout == RopeLayout.Half ? i < dim / 2 : i % 2 == 0;
                    int other = layout == RopeLayout.Half ? (first ? i + dim / 2 : i - dim / 2) : i ^ 1;
                    float* head0 = source.Pointer + row * stride + head * size;
                    double angle = (start + row % length) * Math.Pow(theta, -2.0 * pair / dim);
                    double exact = i >= dim ? head0[i] : head0[i] * Math.Cos(angle) + (first ? -1 : 1) * head0[other] * Math.Sin(angle);
                    Assert.Equal(exact, result[row * (stride + 2) + head * size + i], i >= dim ? 0 : 2.4e-7); // four roundings of values below 1.5
                }
        result.AssertMargins();
        for (int row = 0; row < rows; row++) Assert.True(float.IsNaN(result[row * (stride + 2) + stride]));

        rope.Backward = true; // in place, and home again
        rope.Source = rope.Destination;
        rope.SourceStride = rope.DestinationStride;
        device.Launch(rope, rows);
        for (int row = 0; row < rows; row++)
            for (int i = 0; i < heads * size; i++)
                Assert.Equal(source[row * stride + i], result[row * (stride + 2) + i], 5e-7);
    }

    [Fact]
    public void FarPositionsKeepTheirAngle()
    {
        const int length = 100_000, dim = 4;
        using var table = new NativeFloats(length * dim);
        RopeTable.Fill(table.Pointer, length, dim, 500_000);
        for (int t = length - 100; t < length; t++)
        {
            Assert.Equal((float)Math.Cos(t), table[t * dim]);
            Assert.Equal((float)Math.Sin(t * Math.Pow(500_000, -0.5)), table[t * dim + 3]);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => RopeTable.Fill(null, 1, 3, 10000));
    }
}
