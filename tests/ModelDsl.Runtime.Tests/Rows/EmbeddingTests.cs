using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

public unsafe class EmbeddingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(193)]
    public void GatherAndScatterAddAreEachOthersTranspose(int width)
    {
        const int vocabulary = 11, tokens = 500;
        int[] ids = Enumerable.Range(0, tokens).Select(t => t % 3 == 0 ? 7 : t * t % vocabulary).ToArray(); // one id very often
        using var table = new NativeFloats(vocabulary * width, 1);
        using var output = new NativeFloats(tokens * width);
        using var gradient = new NativeFloats(tokens * width, 2);
        using var sum = new NativeFloats(vocabulary * width, 3);
        float[] before = sum.Span.ToArray();
        fixed (int* p = ids)
        {
            using var device = new CpuDevice(3);
            device.Launch(new EmbeddingGather { Table = table.Pointer, Output = output.Pointer, Ids = p, Width = width }, tokens);
            var add = new EmbeddingScatterAdd { TableGradient = sum.Pointer, Gradient = gradient.Pointer, Ids = p, Tokens = tokens, Width = width };
            device.Launch(add, add.Rows);
        }
        for (int t = 0; t < tokens; t++)
            for (int i = 0; i < width; i++) Assert.Equal(table[ids[t] * width + i], output[t * width + i]);
        for (int t = 0; t < tokens; t++)
            for (int i = 0; i < width; i++) before[ids[t] * width + i] += gradient[t * width + i]; // the same order: the same bits
        for (int i = 0; i < sum.Count; i++) Assert.Equal(before[i], sum[i]);
        output.AssertMargins();
        sum.AssertMargins();
    }
}
