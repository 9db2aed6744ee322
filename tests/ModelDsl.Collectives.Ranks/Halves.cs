using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Collectives.Ranks;

/// <summary>Sums of 16-bit floats: widened, added in rank order in fp32, rounded once.</summary>
internal static unsafe class Halves
{
    public static void Verify(Communicator ranks, int size, TensorType type)
    {
        ushort[][] parts = [.. Enumerable.Range(0, ranks.Size).Select(rank => Verification.Draw<float>(size, rank).Select(value => Narrow(value, type)).ToArray())];
        foreach (bool average in (bool[])[false, true])
        {
            var expected = new ushort[size];
            for (int i = 0; i < size; i++)
            {
                float sum = Widen(parts[0][i], type);
                for (int rank = 1; rank < ranks.Size; rank++)
                    sum += Widen(parts[rank][i], type);
                expected[i] = Narrow(average ? sum / ranks.Size : sum, type);
            }
            ushort[] actual = [.. parts[ranks.Rank]];
            if (ranks.Size == 1)
                expected = actual;
            fixed (ushort* values = actual)
                ranks.AllReduce(values, size, type, average ? ReduceOperation.Average : ReduceOperation.Sum);
            Verification.Same<ushort>(expected, actual, $"{(average ? "average" : "sum")} of {size} {type}");
        }
    }

    private static float Widen(ushort bits, TensorType type) => type == TensorType.F16
        ? (float)BitConverter.UInt16BitsToHalf(bits)
        : BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Rounds by arithmetic: the nearer of the two neighbours, or the even one of two equally near.</summary>
    private static ushort Narrow(float value, TensorType type)
    {
        if (type == TensorType.F16)
            return BitConverter.HalfToUInt16Bits((Half)value);
        ushort below = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16), above = (ushort)(below + 1);
        double down = Math.Abs((double)value - Widen(below, type)), up = Math.Abs((double)value - Widen(above, type));
        return down < up || (down == up && below % 2 == 0) ? below : above;
    }
}
