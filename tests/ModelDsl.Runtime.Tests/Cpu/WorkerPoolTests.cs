using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Cpu;

public sealed unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void RunsEveryPartOnceAndReturnsAfterTheLast(int threads)
    {
        using var pool = new WorkerPool(threads);
        const int parts = 37;
        int* counts = stackalloc int[parts];
        for (int round = 1; round <= 5000; round++)
        {
            pool.Run(&Count, counts, parts);
            if (round % 1000 == 0)
                Thread.Sleep(2); // long enough to park
            for (int part = 0; part < parts; part++)
                Assert.Equal(round, counts[part]);
        }
    }

    [Fact]
    public void RunsPartsOnSeveralThreads()
    {
        using var pool = new WorkerPool(3);
        int meeting = 3;
        pool.Run(&WaitForOthers, &meeting, 3); // would not return if one thread took two parts
        Assert.Equal(0, meeting);
    }

    [Fact]
    public void AnExceptionOfAnyPartReachesTheCallerAndThePoolGoesOn()
    {
        using var pool = new WorkerPool(2);
        int count = 0;
        for (int i = 0; i < 20; i++)
        {
            var thrown = Assert.Throws<InvalidOperationException>(() => pool.Run(&ThrowAtSeven, null, 16));
            Assert.Equal("seven", thrown.Message);
        }
        pool.Run(&CountAll, &count, 16);
        Assert.Equal(16, count);
    }

    [Fact]
    public void ACallFromInsideABodyRunsInline()
    {
        using var pool = new WorkerPool(2);
        var nested = new Nested { Pool = System.Runtime.InteropServices.GCHandle.Alloc(pool) };
        pool.Run(&RunNested, &nested, 8);
        nested.Pool.Free();
        Assert.Equal(64, nested.Count);
    }

    [Fact]
    public void CallersFromSeveralThreadsTakeTurns()
    {
        using var pool = new WorkerPool(2);
        int count = 0;
        int* counter = &count;
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
                pool.Run(&CountAll, counter, 8);
        })).ToArray();
        foreach (var caller in callers)
            caller.Start();
        foreach (var caller in callers)
            caller.Join();
        Assert.Equal(4 * 200 * 8, count);
    }

    [Fact]
    public void ADisposedPoolSaysSo()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(&CountAll, null, 2));
    }

    private static void Count(void* state, int part) => ((int*)state)[part]++;

    private static void CountAll(void* state, int part) => Interlocked.Increment(ref *(int*)state);

    private static void WaitForOthers(void* state, int part)
    {
        Interlocked.Decrement(ref *(int*)state);
        while (Volatile.Read(ref *(int*)state) != 0)
            Thread.Yield();
    }

    private static void ThrowAtSeven(void* state, int part)
    {
        if (part == 7)
            throw new InvalidOperationException("seven");
    }

    private static void RunNested(void* state, int part)
    {
        var nested = (Nested*)state;
        ((WorkerPool)nested->Pool.Target!).Run(&CountAll, &nested->Count, 8);
    }

    private struct Nested
    {
        public int Count;
        public System.Runtime.InteropServices.GCHandle Pool;
    }
}
