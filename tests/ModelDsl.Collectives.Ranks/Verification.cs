using System.Runtime.InteropServices;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Ranks;

/// <summary>Every call with every type and awkward sizes, against the same computed from all ranks' values in this process.</summary>
internal static unsafe class Verification
{
    // Fewer elements than ranks, sizes that no number of ranks divides, and more than one slice of 1 MB per rank.
    private static readonly int[] s_sizes = [0, 1, 3, 16, 1000, 70_001, Largest];

    private const int Largest = 1_100_003;

    // The largest size takes most of the time, and slices do not depend on the type: a full run of the tests has it in every type.
    private static readonly bool s_isFull = Environment.GetEnvironmentVariable("MODELDSL_FULL") == "1";

    public static int Run()
    {
        using var ranks = Communicator.Create(new() { Timeout = TimeSpan.FromSeconds(60) });
        foreach (int size in s_sizes)
        {
            Values<float>(ranks, size, TensorType.F32, (x, y) => x + y, (x, y) => x * y, float.Min, float.Max, x => x / ranks.Size);
            if (size == Largest && !s_isFull)
                continue;
            Values<double>(ranks, size, TensorType.F64, (x, y) => x + y, (x, y) => x * y, double.Min, double.Max, x => x / ranks.Size);
            Values<int>(ranks, size, TensorType.I32, (x, y) => x + y, (x, y) => x * y, int.Min, int.Max, null);
            Values<long>(ranks, size, TensorType.I64, (x, y) => x + y, (x, y) => x * y, long.Min, long.Max, null);
            Halves.Verify(ranks, size, TensorType.F16);
            Halves.Verify(ranks, size, TensorType.BF16);
        }
        Spans(ranks);
        Messages(ranks);
        ranks.Barrier();
        Console.WriteLine($"rank {ranks.Rank} of {ranks.Size}: all as computed");
        return 0;
    }

    private static void Values<T>(Communicator ranks, int size, TensorType type, Func<T, T, T> sum, Func<T, T, T> product,
        Func<T, T, T> minimum, Func<T, T, T> maximum, Func<T, T>? average) where T : unmanaged
    {
        T[][] parts = [.. Enumerable.Range(0, ranks.Size).Select(rank => Draw<T>(size, rank))];
        (ReduceOperation, Func<T, T, T>)[] operations =
            [(ReduceOperation.Sum, sum), (ReduceOperation.Product, product), (ReduceOperation.Minimum, minimum), (ReduceOperation.Maximum, maximum)];
        foreach (var (operation, function) in operations)
        {
            T[] expected = Reduce(parts, function), actual = [.. parts[ranks.Rank]];
            fixed (T* values = actual)
                ranks.AllReduce(values, size, type, operation);
            Same<T>(expected, actual, $"all-reduce ({operation}) of {size} {type}");
        }
        if (average is not null)
        {
            T[] expected = [.. Reduce(parts, sum).Select(average)], actual = [.. parts[ranks.Rank]];
            fixed (T* values = actual)
                ranks.AllReduce(values, size, type, ReduceOperation.Average);
            Same<T>(expected, actual, $"average of {size} {type}");
        }
        {
            T[] mine = [.. parts[ranks.Rank]], all = new T[ranks.Size * size];
            fixed (T* from = mine, to = all)
                ranks.AllGather(from, to, size, type);
            Same<T>([.. parts.SelectMany(part => part)], all, $"all-gather of {size} {type}");
        }
        {
            T[][] wholes = [.. Enumerable.Range(0, ranks.Size).Select(rank => Draw<T>(size * ranks.Size, rank + 100))];
            T[] mine = [.. wholes[ranks.Rank]], part = new T[size];
            fixed (T* from = mine, to = part)
                ranks.ReduceScatter(from, to, size, type);
            Same<T>(Reduce(wholes, sum).AsSpan(ranks.Rank * size, size), part, $"reduce-scatter of {size} {type}");
            fixed (T* from = mine)
                ranks.ReduceScatter(from, from + ranks.Rank * size, size, type);
            Same<T>(part, mine.AsSpan(ranks.Rank * size, size), $"reduce-scatter in place of {size} {type}");
        }
        for (int root = 0; root < ranks.Size; root++)
        {
            T[] values = [.. parts[ranks.Rank]];
            fixed (T* pointer = values)
                ranks.Broadcast(pointer, size, type, root);
            Same<T>(parts[root], values, $"broadcast of {size} {type} from {root}");
        }
    }

    private static void Spans(Communicator ranks)
    {
        Span<float> values = [ranks.Rank, 1];
        ranks.AllReduce(values);
        Same<float>([ranks.Size * (ranks.Size - 1) / 2, ranks.Size], values, "all-reduce of a span");
        Span<int> all = new int[ranks.Size];
        ranks.AllGather([ranks.Rank], all);
        Same<int>([.. Enumerable.Range(0, ranks.Size)], all, "all-gather of spans");
        Span<long> part = new long[1];
        ranks.ReduceScatter<long>([.. Enumerable.Range(0, ranks.Size).Select(i => (long)i)], part, ReduceOperation.Maximum);
        Same<long>([ranks.Rank], part, "reduce-scatter of spans");
    }

    /// <summary>Passes values around a ring: all at once in a group, then one after the other.</summary>
    private static void Messages(Communicator ranks)
    {
        if (ranks.Size == 1)
            return;
        int next = (ranks.Rank + 1) % ranks.Size, before = (ranks.Rank - 1 + ranks.Size) % ranks.Size;
        foreach (int size in s_sizes)
        {
            float[] mine = Draw<float>(size, ranks.Rank), expected = Draw<float>(size, before), actual = new float[size];
            fixed (float* from = mine, to = actual)
            {
                ranks.BeginGroup();
                ranks.Send(from, size, TensorType.F32, next);
                ranks.Receive(to, size, TensorType.F32, before);
                ranks.EndGroup();
            }
            Same<float>(expected, actual, $"group of {size}");
            Array.Clear(actual);
            if (ranks.Rank % 2 == 0)
                ranks.Send<float>(mine, next);
            ranks.Receive<float>(actual, before);
            if (ranks.Rank % 2 == 1)
                ranks.Send<float>(mine, next);
            Same<float>(expected, actual, $"message of {size}");
        }
    }

    /// <summary>Draws floats over twelve orders of magnitude, so that the order of a sum shows, or integers with random bits.</summary>
    public static T[] Draw<T>(int size, int rank) where T : unmanaged
    {
        var values = new T[size];
        var random = new Random(1000 * size + rank);
        if (typeof(T) == typeof(float))
            foreach (ref float value in MemoryMarshal.Cast<T, float>(values.AsSpan()))
                value = (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7)));
        else if (typeof(T) == typeof(double))
            foreach (ref double value in MemoryMarshal.Cast<T, double>(values.AsSpan()))
                value = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7));
        else
            random.NextBytes(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static T[] Reduce<T>(T[][] parts, Func<T, T, T> function)
    {
        T[] result = [.. parts[0]];
        for (int rank = 1; rank < parts.Length; rank++)
            for (int i = 0; i < result.Length; i++)
                result[i] = function(result[i], parts[rank][i]);
        return result;
    }

    /// <summary>Bit for bit.</summary>
    public static void Same<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, string what) where T : unmanaged
    {
        if (expected.Length != actual.Length)
            throw new InvalidOperationException($"{what}: {actual.Length} elements instead of {expected.Length}.");
        int size = sizeof(T);
        int same = MemoryMarshal.AsBytes(expected).CommonPrefixLength(MemoryMarshal.AsBytes(actual)) / size;
        if (same < expected.Length)
            throw new InvalidOperationException($"{what}: element {same} is {actual[same]}, not {expected[same]}.");
    }
}
