using System.Numerics;
using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Collectives.Mpi;

/// <summary>
/// destination[i] = ((part0[i] + part1[i]) + part2[i]) + ..., the parts in the order of ranks: what one rank gets that adds the
/// same parts in that order, bit for bit, whenever they arrive. Halves are widened to fp32 and rounded once, at the end.
/// </summary>
internal static unsafe class RankOrderReduction
{
    private const int BlockElements = 512; // two blocks of fp32 stay in the first-level cache

    /// <param name="parts">One pointer for each rank.</param>
    /// <param name="destination">May be one of the parts.</param>
    public static void Run(TensorType type, ReduceOperation operation, void** parts, int ranks, void* destination, long count)
    {
        switch (type)
        {
            case TensorType.F32: Whole((float**)parts, ranks, (float*)destination, count, operation); break;
            case TensorType.F64: Whole((double**)parts, ranks, (double*)destination, count, operation); break;
            case TensorType.I32: Whole((int**)parts, ranks, (int*)destination, count, operation); break;
            case TensorType.I64: Whole((long**)parts, ranks, (long*)destination, count, operation); break;
            case TensorType.BF16: Widened<BrainFloat>((ushort**)parts, ranks, (ushort*)destination, count, operation); break;
            default: Widened<HalfFloat>((ushort**)parts, ranks, (ushort*)destination, count, operation); break;
        }
    }

    private static void Whole<T>(T** parts, int ranks, T* destination, long count, ReduceOperation operation)
        where T : unmanaged, INumber<T>
    {
        switch (operation)
        {
            case ReduceOperation.Sum or ReduceOperation.Average: Reduce<T, Sum>(parts, ranks, destination, count); break;
            case ReduceOperation.Product: Reduce<T, Product>(parts, ranks, destination, count); break;
            case ReduceOperation.Minimum: Reduce<T, Minimum>(parts, ranks, destination, count); break;
            default: Reduce<T, Maximum>(parts, ranks, destination, count); break;
        }
        if (operation != ReduceOperation.Average)
            return;
        T divisor = T.CreateChecked(ranks);
        for (long i = 0; i < count; i++)
            destination[i] /= divisor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Reduce<T, TOperation>(T** parts, int ranks, T* destination, long count)
        where T : unmanaged, INumber<T> where TOperation : struct, IReduction
    {
        long i = 0;
        for (; i + Vector<T>.Count <= count; i += Vector<T>.Count)
        {
            var value = Unsafe.ReadUnaligned<Vector<T>>(parts[0] + i);
            for (int rank = 1; rank < ranks; rank++)
                value = TOperation.Of(value, Unsafe.ReadUnaligned<Vector<T>>(parts[rank] + i));
            Unsafe.WriteUnaligned(destination + i, value);
        }
        for (; i < count; i++)
        {
            T value = parts[0][i];
            for (int rank = 1; rank < ranks; rank++)
                value = TOperation.Of(value, parts[rank][i]);
            destination[i] = value;
        }
    }

    private static void Widened<TFormat>(ushort** parts, int ranks, ushort* destination, long count, ReduceOperation operation)
        where TFormat : struct, IHalfFormat
    {
        float* sum = stackalloc float[BlockElements], part = stackalloc float[BlockElements];
        float** both = stackalloc float*[] { sum, part };
        for (long start = 0; start < count; start += BlockElements)
        {
            int block = (int)Math.Min(BlockElements, count - start);
            TFormat.Widen(parts[0] + start, sum, block);
            for (int rank = 1; rank < ranks; rank++)
            {
                TFormat.Widen(parts[rank] + start, part, block);
                Whole(both, 2, sum, block, operation == ReduceOperation.Average ? ReduceOperation.Sum : operation);
            }
            for (int i = 0; operation == ReduceOperation.Average && i < block; i++)
                sum[i] /= ranks;
            TFormat.Narrow(sum, destination + start, block);
        }
    }

    private interface IReduction
    {
        static abstract Vector<T> Of<T>(Vector<T> x, Vector<T> y) where T : unmanaged, INumber<T>;
        static abstract T Of<T>(T x, T y) where T : unmanaged, INumber<T>;
    }

    private readonly struct Sum : IReduction
    {
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> y) where T : unmanaged, INumber<T> => x + y;
        public static T Of<T>(T x, T y) where T : unmanaged, INumber<T> => x + y;
    }

    private readonly struct Product : IReduction
    {
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> y) where T : unmanaged, INumber<T> => x * y;
        public static T Of<T>(T x, T y) where T : unmanaged, INumber<T> => x * y;
    }

    private readonly struct Minimum : IReduction
    {
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> y) where T : unmanaged, INumber<T> => Vector.Min(x, y);
        public static T Of<T>(T x, T y) where T : unmanaged, INumber<T> => T.Min(x, y);
    }

    private readonly struct Maximum : IReduction
    {
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> y) where T : unmanaged, INumber<T> => Vector.Max(x, y);
        public static T Of<T>(T x, T y) where T : unmanaged, INumber<T> => T.Max(x, y);
    }

    private interface IHalfFormat
    {
        static abstract void Widen(ushort* source, float* destination, int count);
        static abstract void Narrow(float* source, ushort* destination, int count);
    }

    /// <summary>The upper half of an fp32.</summary>
    private readonly struct BrainFloat : IHalfFormat
    {
        public static void Widen(ushort* source, float* destination, int count)
        {
            for (int i = 0; i < count; i++)
                ((uint*)destination)[i] = (uint)source[i] << 16;
        }

        /// <summary>To nearest, ties to even; a NaN stays one.</summary>
        public static void Narrow(float* source, ushort* destination, int count)
        {
            for (int i = 0; i < count; i++)
            {
                uint bits = ((uint*)source)[i];
                destination[i] = float.IsNaN(source[i])
                    ? (ushort)(bits >> 16 | 0x40)
                    : (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
            }
        }
    }

    /// <summary>IEEE half.</summary>
    private readonly struct HalfFloat : IHalfFormat
    {
        public static void Widen(ushort* source, float* destination, int count)
        {
            for (int i = 0; i < count; i++)
                destination[i] = (float)((Half*)source)[i];
        }

        public static void Narrow(float* source, ushort* destination, int count)
        {
            for (int i = 0; i < count; i++)
                ((Half*)destination)[i] = (Half)source[i];
        }
    }
}
