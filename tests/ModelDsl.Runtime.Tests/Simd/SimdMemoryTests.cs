using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Tests;

/// <summary>Partial loads and stores touch what they say and nothing else; reductions, comparisons and NaN.</summary>
public unsafe class SimdMemoryTests
{
    [Fact]
    public void PartialLoadReadsOnlyTheCount()
    {
        float* page = GuardedPage.LastFloats(16);
        for (int count = 0; count <= 16; count++)
        {
            float* p = page + 16 - count; // one element further would be a fault
            for (int i = 0; i < count; i++) p[i] = i + 1;
            Vector512<float> v = Simd.Load(p, count);
            for (int i = 0; i < 16; i++) Assert.Equal(i < count ? i + 1 : 0, v[i]);
        }
    }

    [Fact]
    public void PartialStoreWritesOnlyTheCount()
    {
        float* page = GuardedPage.LastFloats(32);
        for (int count = 0; count <= 20; count++)
        {
            new Span<float>(page, 32).Fill(-1);
            float* p = page + 32 - Math.Min(count, 16);
            Simd.Store(p, Simd.Iota(), count);
            for (int i = 0; i < Math.Min(count, 16); i++) Assert.Equal(i, p[i]);
            Assert.Equal(-1, p[-1]);
            new Span<float>(page, 32).Fill(-1);
            Simd.Store(page, Simd.Iota(), count);
            for (int i = 0; i < 32; i++) Assert.Equal(i < Math.Min(count, 16) ? i : -1, page[i]);
        }
    }

    [Fact]
    public void KeepFillsTheRest()
    {
        for (int count = 0; count <= 18; count++)
            for (int i = 0; i < 16; i++)
            {
                Assert.Equal(i < count ? i : 0, Simd.Keep(Simd.Iota(), count)[i]);
                Assert.Equal(i < count ? i : float.NegativeInfinity, Simd.Keep(Simd.Iota(), count, float.NegativeInfinity)[i]);
            }
    }

    [Fact]
    public void GatherStrides()
    {
        float[] data = Enumerable.Range(0, 64).Select(i => (float)i).ToArray();
        fixed (float* p = data)
            for (int count = 0; count <= 17; count++)
            {
                Vector512<float> v = Simd.Gather(p, 3, count);
                for (int i = 0; i < 16; i++) Assert.Equal(i < count ? 3 * i : 0, v[i]);
            }
    }

    [Fact]
    public void ReductionsSeeEveryLane()
    {
        Assert.Equal(120, Simd.Sum(Simd.Iota()));
        for (int lane = 0; lane < 16; lane++)
        {
            Assert.Equal(20, Simd.Maximum(Simd.Iota().WithElement(lane, 20)));
            Assert.Equal(-20, Simd.Minimum(Simd.Iota().WithElement(lane, -20)));
            Assert.Equal(float.NaN, Simd.Maximum(Simd.Iota().WithElement(lane, float.NaN)));
            Assert.Equal(float.NaN, Simd.Sum(Simd.Iota().WithElement(lane, float.NaN)));
        }
    }

    [Fact]
    public void MaxAndMinKeepNaNOnEitherSide()
    {
        Assert.Equal(float.NaN, Simd.Max(float.NaN, 1));
        Assert.Equal(float.NaN, Simd.Max(1, float.NaN));
        Assert.Equal(float.NaN, Simd.Min(float.NaN, 1));
        Assert.Equal(float.NaN, Simd.Min(1, float.NaN));
        Assert.Equal(2, Simd.Max(1, 2));
        Assert.Equal(1, Simd.Min(2, 1));
    }

    [Fact]
    public void ComparisonsChooseByLane()
    {
        Vector512<float> x = Simd.Iota(), eight = Simd.Splat(8), zero = Simd.Splat(0), one = Simd.Splat(1);
        for (int i = 0; i < 16; i++)
        {
            Assert.Equal(i < 8 ? 1 : 0, Simd.Select(Simd.Less(x, eight), one, zero)[i]);
            Assert.Equal(i <= 8 ? 1 : 0, Simd.Select(Simd.LessOrEqual(x, eight), one, zero)[i]);
            Assert.Equal(i > 8 ? 1 : 0, Simd.Select(Simd.Greater(x, eight), one, zero)[i]);
            Assert.Equal(i >= 8 ? 1 : 0, Simd.Select(Simd.GreaterOrEqual(x, eight), one, zero)[i]);
            Assert.Equal(i == 8 ? 1 : 0, Simd.Select(Simd.Equal(x, eight), one, zero)[i]);
            Assert.Equal(i != 8 ? 1 : 0, Simd.Select(Simd.NotEqual(x, eight), one, zero)[i]);
        }
    }
}
