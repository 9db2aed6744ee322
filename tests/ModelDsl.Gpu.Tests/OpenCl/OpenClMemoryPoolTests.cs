using ModelDsl.Gpu.OpenCl;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>The pool over a fake driver that has 4,096 bytes and counts calls.</summary>
public sealed class OpenClMemoryPoolTests
{
    private const long Total = 4096;

    private readonly Dictionary<nuint, long> _driver = [];
    private readonly OpenClMemoryPool _pool;
    private nuint _next = 1000;

    public OpenClMemoryPoolTests() => _pool = new("opencl:0 (test)", Allocate, address => Assert.True(_driver.Remove(address)), () => (Total - _driver.Values.Sum(), Total));

    [Fact]
    public void ABlockServesTheNextOfItsSizeRoundedUp()
    {
        nuint first = _pool.Take(500, "first");
        _pool.Return(first);
        Assert.Equal((0, 512), (_pool.HeldBytes, _pool.KeptBytes));
        Assert.Equal(first, _pool.Take(512, "second"));
        Assert.NotEqual(first, _pool.Take(512, "third"));
        Assert.Equal((1024, 0), (_pool.HeldBytes, _pool.KeptBytes));
    }

    [Fact]
    public void KeptBlocksGoBackBeforeAnAllocationFails()
    {
        _pool.Return(_pool.Take(2048, "gone"));
        _pool.Return(_pool.Take(1024, "gone too"));
        _pool.Take(4096, "whole");
        Assert.Equal([4096L], _driver.Values);
    }

    [Fact]
    public void AFailureSaysWhoHoldsWhat()
    {
        _pool.Take(1024, "weights");
        _pool.Take(512, "scratch");
        _pool.Take(1024, "weights");
        Assert.Equal(
            "opencl:0 (test) has no 2 KiB for activations: 1.5 KiB of 4 KiB are free. Held: weights 2 KiB in 2 blocks, scratch 512 bytes.",
            Assert.Throws<InsufficientDeviceMemoryException>(() => _pool.Take(2048, "activations")).Message);
    }

    [Fact]
    public void DisposeGivesBackAllAndWhatReturnsLaterIsPassedOver()
    {
        nuint held = _pool.Take(1024, "held");
        _pool.Return(_pool.Take(512, "kept"));
        _pool.Dispose();
        Assert.Empty(_driver);
        _pool.Return(held);
        Assert.Equal((0, 0), (_pool.HeldBytes, _pool.KeptBytes));
    }

    private nuint Allocate(long bytes)
    {
        if (bytes > Total - _driver.Values.Sum())
            return 0;
        _driver.Add(_next, bytes);
        return _next++;
    }
}
