using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Ranks;

/// <summary>Managed bytes that this process allocates in collectives after the first of each.</summary>
internal static unsafe class Allocations
{
    public static int Run()
    {
        using var ranks = Communicator.Create(new() { Timeout = TimeSpan.FromSeconds(30) });
        var values = new float[10_000];
        var all = new float[10_000 * ranks.Size];
        int next = (ranks.Rank + 1) % ranks.Size, before = (ranks.Rank - 1 + ranks.Size) % ranks.Size;
        long least = long.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long start = GC.GetTotalAllocatedBytes(precise: true);
            ranks.AllReduce(values.AsSpan());
            ranks.AllGather<float>(values, all);
            ranks.ReduceScatter<float>(all, values);
            ranks.Broadcast(values.AsSpan());
            ranks.Barrier();
            fixed (float* pointer = values, to = all)
            {
                ranks.BeginGroup();
                ranks.Send(pointer, values.Length, TensorType.F32, next);
                ranks.Receive(to, values.Length, TensorType.F32, before);
                ranks.EndGroup();
            }
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - start;
            if (round > 0)
                least = Math.Min(least, allocated);
        }
        Console.WriteLine($"rank {ranks.Rank}: {least} bytes allocated");
        return least == 0 ? 0 : 1;
    }
}
