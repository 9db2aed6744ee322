using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// The Euclidean norm of gradients and the factor that clips them, both kept on the device, so that a step needs no round trip to
/// the host: <see cref="AddSquares"/> for every tensor or once for an arena, then <see cref="Finish"/>.
/// </summary>
/// <remarks>
/// Sums of squares in a fixed order, the same bits each run. Values up to the largest float do not overflow; values below
/// 2^-63 may count as 0.
/// </remarks>
public sealed class GpuNorm(GpuDevice device)
{
    private const int GroupSize = 256, Chunk = 16384;

    private GpuKernel? _f32, _bf16, _finish;

    internal static IEnumerable<KernelSource> Variants => [Source(TensorType.F32), Source(TensorType.BF16)];

    /// <summary>The number of pairs of floats for the sums of so many elements.</summary>
    public static int PartialsOf(long count) => checked((int)((count + Chunk - 1) / Chunk));

    /// <summary>Queues the sums of squares of a tensor.</summary>
    /// <param name="type">F32 or BF16.</param>
    /// <param name="partials">Scratch, 8 bytes for each of all tensors' <see cref="PartialsOf"/>.</param>
    /// <param name="first">How many partials the tensors before this one have.</param>
    /// <returns>The new number of partials.</returns>
    public int AddSquares(GpuStream stream, GpuPointer values, TensorType type, long count, GpuPointer partials, int first = 0)
    {
        int groups = PartialsOf(count);
        if (groups > 0)
            Kernel(type).Launch(
                stream, new KernelGrid(groups, GroupSize), values, count, RealType.IsAligned(values, type) ? 1 : 0, partials + 8L * first);
        return first + groups;
    }

    /// <summary>
    /// Queues the result: result[0] = the norm, result[1] = the factor for <see cref="GpuAdamWArguments.Clip"/>: limit / norm
    /// if the norm is larger than the limit, else 1; NaN if the norm is not finite.
    /// </summary>
    /// <param name="limit">0 means none.</param>
    /// <param name="result">Two floats.</param>
    public void Finish(GpuStream stream, GpuPointer partials, int count, float limit, GpuPointer result) =>
        (_finish ??= device.Compile(Source(TensorType.F32))["norm_and_factor"])
            .Launch(stream, new KernelGrid(1, GroupSize), partials, count, limit, result);

    private GpuKernel Kernel(TensorType type) => type switch
    {
        TensorType.F32 => _f32 ??= device.Compile(Source(type))["square_sums"],
        TensorType.BF16 => _bf16 ??= device.Compile(Source(type))["square_sums"],
        _ => throw new ArgumentException($"The norm is taken of F32 or BF16, not of {type}."),
    };

    private static KernelSource Source(TensorType type) => KernelSource.Own("norm.c", RealType.Defines(type));
}
