using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>Which two elements of a head turn together.</summary>
public enum RopeLayout
{
    /// <summary>i and i + dim/2 (GPT-NeoX; Llama as Hugging Face stores it).</summary>
    Half,
    /// <summary>2i and 2i + 1 (Llama as first published).</summary>
    Interleaved,
}

/// <summary>
/// Rotates the heads of each token by its position (Su et al., 2021). One row is one token: [Heads, HeadSize]. In place
/// where Source is Destination.
/// </summary>
public unsafe struct Rope : IRowKernel
{
    public float* Source, Destination;
    /// <summary>Elements from one token to the next.</summary>
    public int SourceStride, DestinationStride;
    /// <summary>Elements from one sequence of the destination to the next; the source's follow one another.</summary>
    public long DestinationBatchStride;
    public int Heads, HeadSize;
    /// <summary>Elements of each head that turn, from its first on; the rest is copied. Even, at most HeadSize.</summary>
    public int RotaryDim;
    /// <summary>Tokens in a sequence: row r stands at position Start + r % Length.</summary>
    public int Length, Start;
    /// <summary>Made by <see cref="RopeTable.Fill"/> with dim = RotaryDim.</summary>
    public float* Table;
    public RopeLayout Layout;
    /// <summary>Turns back: the gradient of the input from the gradient of the output.</summary>
    public bool Backward;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            float* cosines = Table + (long)(Start + row % Length) * RotaryDim;
            float* source = Source + (long)row * SourceStride, destination = Destination + row / Length * DestinationBatchStride + (long)(row % Length) * DestinationStride;
            for (int head = 0; head < Heads; head++, source += HeadSize, destination += HeadSize)
            {
                if (Layout == RopeLayout.Half) RotateHalves(source, destination, cosines);
                else RotatePairs(source, destination, cosines);
                if (destination == source) continue;
                for (int i = RotaryDim; i < HeadSize; i += Simd.Width)
                    Simd.Store(destination + i, Simd.Load(source + i, HeadSize - i), HeadSize - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RotateHalves(float* source, float* destination, float* cosines)
    {
        int half = RotaryDim / 2;
        float* sines = cosines + half;
        for (int i = 0; i < half; i += Simd.Width)
        {
            int count = half - i;
            Vector512<float> x = Simd.Load(source + i, count), y = Simd.Load(source + half + i, count);
            Vector512<float> cosine = Simd.Load(cosines + i, count), sine = Simd.Load(sines + i, count);
            if (Backward) sine = -sine;
            Simd.Store(destination + i, Simd.Fma(x, cosine, -(y * sine)), count);
            Simd.Store(destination + half + i, Simd.Fma(y, cosine, x * sine), count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RotatePairs(float* source, float* destination, float* cosines)
    {
        int half = RotaryDim / 2, i = 0;
        float* sines = cosines + half;
        float sign = Backward ? -1 : 1;
        Vector256<float> signs = Vector256.Create(-sign, sign, -sign, sign, -sign, sign, -sign, sign);
        Vector256<int> twice = Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3);
        for (; i + 4 <= half; i += 4)
        {
            Vector256<float> x = *(Vector256<float>*)(source + 2 * i);
            Vector256<float> swapped = Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
            Vector256<float> cosine = Vector256.Shuffle(((Vector128<float>*)(cosines + i))->ToVector256(), twice);
            Vector256<float> sine = Vector256.Shuffle(((Vector128<float>*)(sines + i))->ToVector256(), twice) * signs;
            *(Vector256<float>*)(destination + 2 * i) = Vector256.FusedMultiplyAdd(x, cosine, swapped * sine);
        }
        for (; i < half; i++)
        {
            float x = source[2 * i], y = source[2 * i + 1], cosine = cosines[i], sine = sign * sines[i];
            destination[2 * i] = Simd.Fma(x, cosine, -(y * sine));
            destination[2 * i + 1] = Simd.Fma(y, cosine, x * sine);
        }
    }
}
