using System.Runtime.CompilerServices;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Cpu;

public sealed unsafe class CpuDeviceTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(2, 63)]
    [InlineData(3, 1000)]
    public void ALaunchDoesEveryRowOnce(int threads, int rows)
    {
        using var device = new CpuDevice(threads);
        int[] counts = new int[rows];
        fixed (int* pointer = counts)
            device.Launch(new CountRows { Counts = pointer }, rows);
        Assert.All(counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void MemoryIsZeroedAlignedAndReadsBackWhatWasWritten()
    {
        using var device = new CpuDevice(1);
        using var memory = device.Allocate(10_000_000);
        Assert.Equal(0, (nint)memory.Pointer % 64);
        Assert.Equal(-1, new Span<byte>(memory.Pointer, 10_000_000).IndexOfAnyExcept((byte)0));
        byte[] read = new byte[3];
        memory.Write(9_999_997, [1, 2, 3]);
        memory.Read(9_999_997, read);
        Assert.Equal([1, 2, 3], read);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Write(9_999_998, [1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Read(-1, read));
    }

    [Fact]
    public void TheThreadsOfADeviceThatNobodyDisposedOfEnd()
    {
        var pool = Leave();
        // The threads keep the pool alive, so that it can be collected once they have ended.
        Assert.True(SpinWait.SpinUntil(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !pool.IsAlive;
        }, TimeSpan.FromSeconds(60)));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Leave()
        {
            var device = new CpuDevice(3);
            int[] counts = new int[9];
            fixed (int* pointer = counts)
                device.Launch(new CountRows { Counts = pointer }, 9);
            return new(device.Pool);
        }
    }

    [Fact]
    public void MoreMemoryThanThereIsSaysWhatWasAskedForAndWhatThereIs()
    {
        using var device = new CpuDevice(1);
        var thrown = Assert.Throws<InsufficientDeviceMemoryException>(() => device.Allocate(1L << 50));
        Assert.Matches(@"^1,125,899,906,842,624 bytes were asked for, but this machine has only [\d,]+ available\.", thrown.Message);
    }

    [Fact]
    public void ATransposedResultIsRefused()
    {
        using var device = new CpuDevice(1);
        Assert.Throws<ArgumentException>(
            () => device.MatMul(1, 1, 1, default, default, new Matrix(null, 1, transposed: true), false, default(NoEpilogue)));
    }

    private struct CountRows : IRowKernel
    {
        public int* Counts;

        public readonly void Run(int begin, int end)
        {
            for (int row = begin; row < end; row++)
                Interlocked.Increment(ref Counts[row]);
        }
    }
}
