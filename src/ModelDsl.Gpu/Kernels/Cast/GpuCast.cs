using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// Conversions between F32, BF16, F16, F8E4M3 and F8E5M2, to nearest even; and the scales that 8-bit floats need
/// (Micikevicius et al., 2022).
/// </summary>
public sealed class GpuCast(GpuDevice device)
{
    private const int GroupSize = 256, Chunk = 16384, ElementsOfGroup = 4096;

    /// <summary>The largest values of the 8-bit types.</summary>
    public const float LargestE4M3 = 448, LargestE5M2 = 57344;

    private static readonly TensorType[] s_types = [TensorType.F32, TensorType.BF16, TensorType.F16, TensorType.F8E4M3, TensorType.F8E5M2];

    private readonly GpuKernel?[] _casts = new GpuKernel?[s_types.Length * s_types.Length];
    private readonly GpuKernel?[] _largest = new GpuKernel?[s_types.Length];
    private GpuKernel? _finish;

    internal static IEnumerable<KernelSource> Variants =>
    [
        .. s_types[1..].SelectMany(type => new[] { Source(TensorType.F32, type), Source(type, TensorType.F32) }),
        Source(TensorType.BF16, TensorType.F8E4M3), Source(TensorType.BF16, TensorType.F8E5M2),
        LargestSource(TensorType.F32), LargestSource(TensorType.BF16), LargestSource(TensorType.F16),
    ];

    /// <summary>
    /// Queues target[i] = source[i] * scale[0]. 8-bit results saturate at the largest value, infinities too; F16 becomes
    /// infinite outside its range; NaN stays NaN.
    /// </summary>
    /// <param name="scale">One F32 on the device; null means 1.</param>
    public void Run(
        GpuStream stream, GpuPointer source, TensorType from, GpuPointer target, TensorType to, long count, GpuPointer scale = default)
    {
        int place = Index(from) * s_types.Length + Index(to);
        CheckElements(source, from);
        CheckElements(target, to);
        if (count <= 0)
            return;
        bool aligned = RealType.IsAligned(source, from) && RealType.IsAligned(target, to);
        (_casts[place] ??= device.Compile(Source(from, to))["cast"]).Launch(
            stream, KernelGrid.Elements(count, ElementsOfGroup) with { SizeX = GroupSize }, source, target, count, aligned ? 1 : 0, scale);
    }

    /// <summary>The number of floats of scratch that <see cref="LargestAndScale"/> needs.</summary>
    public static int PartialsOf(long count) => checked((int)((count + Chunk - 1) / Chunk));

    /// <summary>
    /// Queues result[0] = the largest magnitude (NaN if a value is NaN), result[1] = limit / it, the factor by which to multiply the
    /// values before the cast, result[2] = the inverse, for the matrix product of the cast values.
    /// </summary>
    /// <param name="type">F32, BF16 or F16.</param>
    /// <param name="limit">The largest value of the 8-bit type: <see cref="LargestE4M3"/>.</param>
    /// <param name="partials"><see cref="PartialsOf"/> floats of scratch.</param>
    /// <param name="result">Three floats; the scale and its inverse are 1 if the largest magnitude is 0 or not finite.</param>
    public void LargestAndScale(
        GpuStream stream, GpuPointer values, TensorType type, long count, float limit, GpuPointer partials, GpuPointer result)
    {
        CheckElements(values, type);
        int groups = PartialsOf(count);
        if (groups > 0)
            (_largest[Index(type)] ??= device.Compile(LargestSource(type))["largest_of_chunks"]).Launch(
                stream, new KernelGrid(groups, GroupSize), values, count, RealType.IsAligned(values, type) ? 1 : 0, partials);
        (_finish ??= device.Compile(LargestSource(TensorType.F32))["largest_and_scale"])
            .Launch(stream, new KernelGrid(1, GroupSize), partials, groups, limit, result);
    }

    private static int Index(TensorType type) => Array.IndexOf(s_types, type) is >= 0 and var index
        ? index
        : throw new ArgumentException($"There is no cast of {type}; there are {string.Join(", ", s_types)}.");

    private static void CheckElements(GpuPointer pointer, TensorType type)
    {
        if (pointer.Address % (nuint)RealType.Bytes(type) != 0)
            throw new ArgumentException($"Elements at {pointer} are not aligned to {type}.");
    }

    private static KernelSource Source(TensorType from, TensorType to) =>
        KernelSource.Own("cast.c", ("FROM", $"{Index(from)}"), ("TO", $"{Index(to)}"));

    private static KernelSource LargestSource(TensorType type) => KernelSource.Own("largest.c", RealType.Defines(type));
}
