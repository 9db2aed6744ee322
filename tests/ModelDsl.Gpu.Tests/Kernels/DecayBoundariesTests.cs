namespace ModelDsl.Gpu.Tests;

/// <summary>Ranges with and without weight decay become the boundaries at which it changes.</summary>
public sealed class DecayBoundariesTests
{
    [Fact]
    public void NeighboursThatAgreeAreOneRange() => Assert.Equal(
        [10, 30, 50], GpuAdamW.DecayBoundaries((0, 4, true), (4, 10, true), (10, 30, false), (30, 50, true), (50, 60, false)));

    [Fact]
    public void FirstRangeWithoutDecayBeginsAtAZero() => Assert.Equal([0, 7], GpuAdamW.DecayBoundaries((0, 7, false), (7, 9, true)));

    [Fact]
    public void EmptyRangesDoNotCount() => Assert.Equal([], GpuAdamW.DecayBoundaries((0, 5, true), (5, 5, false), (5, 9, true)));

    [Fact]
    public void AGapIsTold() => Assert.Contains(
        "Range [6, 9) does not follow one that ends at 5.",
        Assert.Throws<ArgumentException>(() => GpuAdamW.DecayBoundaries((0, 5, true), (6, 9, true))).Message);
}
