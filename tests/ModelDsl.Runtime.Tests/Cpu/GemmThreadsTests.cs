using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Cpu;

/// <summary>The number of threads changes no bit of a matrix product.</summary>
public sealed unsafe class GemmThreadsTests
{
    [Theory]
    [InlineData(256, 768, 768, false, true)]
    [InlineData(256, 770, 1000, false, false)]
    [InlineData(1001, 193, 256, true, false)]
    [InlineData(3072, 65, 384, false, true)]
    [InlineData(1, 4099, 768, false, true)]
    [InlineData(5, 4099, 769, false, true)]
    [InlineData(3, 4099, 770, false, false)]
    public void SameBits(int m, int n, int k, bool transposeA, bool transposeB)
    {
        using var a = transposeA ? new GuardedMatrix(k, m, 3, 1) : new GuardedMatrix(m, k, 3, 1);
        using var b = transposeB ? new GuardedMatrix(n, k, 3, 2) : new GuardedMatrix(k, n, 3, 2);
        float[]? one = null;
        foreach (int threads in new[] { 1, 2, 3, 4 })
        {
            using var device = new CpuDevice(threads);
            using var c = new GuardedMatrix(m, n, 5, 3);
            device.MatMul(m, n, k, a.View(transposeA), b.View(transposeB), c.View(), true, default(NoEpilogue));
            one ??= c.Everything.ToArray();
            Assert.True(c.Everything.SequenceEqual(one), $"{threads} threads give other bits than one.");
        }
    }

    /// <summary>Both have fused multiply-adds and sum in the same order, in tiles of different sizes.</summary>
    [Avx512Theory]
    [InlineData(45, 131, 900, false, true)]
    [InlineData(45, 131, 900, true, false)]
    [InlineData(3, 131, 900, false, true)]
    public void SameBitsWithAvx512AndAvx2(int m, int n, int k, bool transposeA, bool transposeB)
    {
        using var a = transposeA ? new GuardedMatrix(k, m, 3, 1) : new GuardedMatrix(m, k, 3, 1);
        using var b = transposeB ? new GuardedMatrix(n, k, 3, 2) : new GuardedMatrix(k, n, 3, 2);
        using var c512 = new GuardedMatrix(m, n, 5, 3);
        using var c256 = new GuardedMatrix(m, n, 5, 3);
        foreach (var (isa, c) in new[] { (CpuIsa.Avx512, c512), (CpuIsa.Avx2, c256) })
        {
            using var device = new CpuDevice(2, isa);
            device.MatMul(m, n, k, a.View(transposeA), b.View(transposeB), c.View(), true, default(NoEpilogue));
        }
        Assert.True(c512.Everything.SequenceEqual(c256.Everything));
    }

    private sealed class Avx512TheoryAttribute : TheoryAttribute
    {
        public Avx512TheoryAttribute()
        {
            if (CpuInfo.BestIsa < CpuIsa.Avx512)
                Skip = "This processor has no AVX-512.";
        }
    }

    [Fact]
    public void AllocatesNothing()
    {
        using var device = new CpuDevice(2);
        using var a = new GuardedMatrix(64, 384, 0, 1);
        using var b = new GuardedMatrix(384, 384, 0, 2);
        using var c = new GuardedMatrix(64, 384, 0, 3);
        void Multiply()
        {
            device.MatMul(64, 384, 384, a.View(), b.View(), c.View(), false, default(NoEpilogue));
            device.MatMul(64, 384, 384, a.View(), b.View(true), c.View(), false, default(NoEpilogue));
            device.MatMul(1, 384, 384, a.View(), b.View(true), c.View(), false, default(NoEpilogue));
        }
        for (int i = 0; i < 20; i++)
            Multiply();

        // Other tests allocate meanwhile: the total over all threads is the least of several rounds.
        long caller = GC.GetAllocatedBytesForCurrentThread(), least = long.MaxValue;
        for (int round = 0; round < 50; round++)
        {
            long total = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 20; i++)
                Multiply();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - total);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - caller);
        Assert.Equal(0, least);
    }
}
