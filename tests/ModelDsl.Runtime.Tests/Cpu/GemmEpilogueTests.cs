using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Cpu;

/// <summary>An epilogue sees every element once, and final.</summary>
public sealed unsafe class GemmEpilogueTests
{
    [Theory]
    [InlineData(1, 100, 64, true)]
    [InlineData(4, 100, 64, false)]
    [InlineData(61, 131, 900, true)]
    [InlineData(530, 1700, 50, false)]
    [InlineData(10, 20, 0, false)]
    public void SeesEachElementOnceAndFinal(int m, int n, int k, bool transposeB)
    {
        using var a = new GuardedMatrix(m, k, 0, 1);
        using var b = transposeB ? new GuardedMatrix(n, k, 0, 2) : new GuardedMatrix(k, n, 0, 2);
        using var plain = new GuardedMatrix(m, n, 2, 3);
        using var c = new GuardedMatrix(m, n, 2, 3);
        foreach (var isa in Enum.GetValues<CpuIsa>().Where(isa => isa <= CpuInfo.BestIsa))
        {
            using var device = new CpuDevice(2, isa);
            device.MatMul(m, n, k, a.View(), b.View(transposeB), plain.View(), false, default(NoEpilogue));
            int misaligned = 0;
            var epilogue = new NegateMinusOne { C = c.Data, Stride = n + 2, Misaligned = &misaligned };

            device.MatMul(m, n, k, a.View(), b.View(transposeB), c.View(), false, epilogue);

            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                    Assert.Equal(-plain[i, j] - 1, c[i, j]);
            c.AssertCanaries();
            Assert.Equal(0, misaligned);
        }
    }

    /// <summary>Applied twice or to an unfinished sum it leaves another value.</summary>
    private struct NegateMinusOne : IEpilogue
    {
        public float* C;
        public int Stride;
        public int* Misaligned;

        public readonly void Apply(int row, int rows, int column, int columns)
        {
            if (column % 8 != 0)
                Interlocked.Increment(ref *Misaligned);
            for (int i = row; i < row + rows; i++)
                for (int j = column; j < column + columns; j++)
                    C[i * Stride + j] = -C[i * Stride + j] - 1;
        }
    }
}
