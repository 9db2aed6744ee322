using ModelDsl.Gpu;
using ModelDsl.Gpu.Cuda;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Ranks;

/// <summary>Ranks with a GPU each, through NCCL: the machine's libraries, or those of MODELDSL_TEST_CUDA (folders), all with one device.</summary>
internal static unsafe class GpuRanks
{
    private static readonly int[] s_sizes = [0, 1, 3, 1000, 30_001];

    public static int Verify()
    {
        using var device = Open();
        using CudaStream stream = device.CreateStream();
        using var ranks = new NcclCommunicator(stream, new() { Timeout = TimeSpan.FromSeconds(30) });
        foreach (int size in s_sizes)
        {
            Values<float>(ranks, stream, size, TensorType.F32, (x, y) => x + y, Math.Max);
            Values<double>(ranks, stream, size, TensorType.F64, (x, y) => x + y, Math.Max);
            Values<int>(ranks, stream, size, TensorType.I32, (x, y) => x + y, Math.Max);
            Values<long>(ranks, stream, size, TensorType.I64, (x, y) => x + y, Math.Max);
        }
        ranks.Barrier();
        Messages(ranks, stream);
        Queue(ranks, stream);
        Console.WriteLine($"rank {ranks.Rank} of {ranks.Size}: all as computed, NCCL {ranks.Version}");
        return 0;
    }

    /// <summary>All ranks make broadcast 1, then all-reduce 2, which the last rank does not enter as it should.</summary>
    public static int Fault(string kind)
    {
        using var device = Open();
        using CudaStream stream = device.CreateStream();
        using var ranks = new NcclCommunicator(stream, new() { Timeout = TimeSpan.FromSeconds(2) });
        using GpuMemory values = device.Allocate(4096 * sizeof(float), "values");
        ranks.Broadcast(values.Pointer, 4096, TensorType.F32);
        ranks.Synchronize();
        Console.WriteLine($"{ranks.NameOf(ranks.Rank)} is here");
        bool last = ranks.Rank == ranks.Size - 1;
        switch (kind)
        {
            case "exit" when last:
                Environment.Exit(0);
                break;
            case "hang" or "stream" when last:
                Thread.Sleep(6000); // three times the others' patience
                break;
        }
        ranks.AllReduce(values.Pointer, kind == "count" && last ? 4095 : 4096, TensorType.F32);
        if (kind == "stream")
        {
            stream.Synchronize(); // has no time-out: an abort ends it
            Console.WriteLine("the stream has ended");
        }
        ranks.Synchronize();
        Console.WriteLine("no fault was found");
        return 0;
    }

    private static void Values<T>(NcclCommunicator ranks, CudaStream stream, int size, TensorType type, Func<T, T, T> sum, Func<T, T, T> maximum) where T : unmanaged
    {
        int parts = ranks.Size;
        T[][] all = [.. Enumerable.Range(0, parts).Select(rank => Verification.Draw<T>(size * parts, rank))];
        using GpuMemory source = stream.Device.Allocate(Math.Max(1, size * parts * sizeof(T)), "source"), destination = stream.Device.Allocate(Math.Max(1, size * parts * sizeof(T)), "destination");
        foreach (var (operation, function) in ((ReduceOperation, Func<T, T, T>)[])[(ReduceOperation.Sum, sum), (ReduceOperation.Maximum, maximum)])
        {
            T[] expected = [.. all[0]];
            for (int rank = 1; rank < parts; rank++)
                for (int i = 0; i < expected.Length; i++)
                    expected[i] = function(expected[i], all[rank][i]);
            stream.Upload<T>(source, all[ranks.Rank]);
            ranks.ReduceScatter(source.Pointer, destination.Pointer, size, type, operation);
            Same(expected.AsSpan(ranks.Rank * size, size), destination, $"reduce-scatter ({operation})");
            ranks.AllReduce(source.Pointer, size * parts, type, operation);
            Same(expected, source, $"all-reduce ({operation})");
        }
        stream.Upload<T>(source, all[ranks.Rank]);
        ranks.AllGather(source.Pointer, destination.Pointer, size, type);
        Same([.. all.SelectMany(part => part.Take(size))], destination, "all-gather");
        for (int root = 0; root < parts; root++)
        {
            stream.Upload<T>(source, all[ranks.Rank]);
            ranks.Broadcast(source.Pointer, size, type, root);
            Same(all[root].AsSpan(0, size), source, $"broadcast from {root}");
        }

        void Same(ReadOnlySpan<T> expected, GpuMemory memory, string what)
        {
            T[] actual = new T[expected.Length];
            stream.Download(actual.AsSpan(), memory.Address);
            Verification.Same(expected, actual, $"{what} of {size} {type}");
        }
    }

    /// <summary>Around a ring, in a group.</summary>
    private static void Messages(NcclCommunicator ranks, CudaStream stream)
    {
        if (ranks.Size == 1)
            return;
        const int size = 5000;
        int next = (ranks.Rank + 1) % ranks.Size, before = (ranks.Rank - 1 + ranks.Size) % ranks.Size;
        using GpuMemory mine = stream.Device.Allocate(size * sizeof(float), "mine"), other = stream.Device.Allocate(size * sizeof(float), "other");
        stream.Upload<float>(mine, Verification.Draw<float>(size, ranks.Rank));
        ranks.BeginGroup();
        ranks.Send(mine.Pointer, size, TensorType.F32, next);
        ranks.Receive(other.Pointer, size, TensorType.F32, before);
        ranks.EndGroup();
        var actual = new float[size];
        stream.Download(actual.AsSpan(), other.Address);
        Verification.Same<float>(Verification.Draw<float>(size, before), actual, "group");
    }

    /// <summary>More calls than are marked with events, before the host waits.</summary>
    private static void Queue(NcclCommunicator ranks, CudaStream stream)
    {
        using GpuMemory value = stream.Device.Allocate(sizeof(long), "value");
        stream.Upload<long>(value, [1]);
        for (int i = 0; i < 1000; i++)
            ranks.AllReduce(value.Pointer, 1, TensorType.I64, i == 0 ? ReduceOperation.Sum : ReduceOperation.Maximum);
        ranks.Synchronize();
        long[] actual = [0];
        stream.Download(actual.AsSpan(), value.Address);
        Verification.Same<long>([ranks.Size], actual, "1,000 calls in a row");
    }

    private static CudaDevice Open() => Environment.GetEnvironmentVariable("MODELDSL_TEST_CUDA") is { Length: > 0 } folders
        ? CudaDevice.Open(0, CudaLibraries.In(folders.Split(':')))
        : CudaDevice.Open(RankEnvironment.Current.LocalRank);
}
