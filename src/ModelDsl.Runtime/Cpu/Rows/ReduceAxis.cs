using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelDsl.Runtime.Cpu;

/// <summary>
/// Destination[o, i] = sum (or maximum) over r of Source[o, r, i], in the order of r; or += where Accumulate. One row is
/// one o.
/// </summary>
public unsafe struct ReduceAxis : IRowKernel
{
    /// <summary>[rows, Reduced, Inner] and [rows, Inner], contiguous.</summary>
    public float* Source, Destination;
    public int Reduced, Inner;
    public bool Maximum, Accumulate;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            float* source = Source + (long)row * Reduced * Inner, destination = Destination + (long)row * Inner;
            for (int i = 0; i < Inner; i += Simd.Width)
            {
                int left = Inner - i;
                var result = Maximum ? Simd.Splat(float.NegativeInfinity) : Accumulate ? Simd.Load(destination + i, left) : Vector512<float>.Zero;
                for (int r = 0; r < Reduced; r++)
                {
                    var value = Simd.Load(source + (long)r * Inner + i, left);
                    result = Maximum ? Simd.Max(result, value) : result + value;
                }
                Simd.Store(destination + i, result, left);
            }
        }
    }
}
