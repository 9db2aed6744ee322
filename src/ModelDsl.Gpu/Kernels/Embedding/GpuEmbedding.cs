using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>Rows of a table by ids, and the gradient of the table.</summary>
/// <remarks>
/// An id out of range gives a row of NaN and no gradient, and sets <see cref="GpuIds.Flag"/>. The gradient is summed in an
/// order that depends only on the ids: the same bits each run, and fast however often an id repeats.
/// </remarks>
public sealed class GpuEmbedding(GpuDevice device)
{
    private const int GroupSize = 256;
    // As in embedding_gradient.c.
    private const int Tile = 1024, Chunk = 64, DigitBits = 8, Digits = 1 << DigitBits;

    private GpuKernel? _gather16, _gather4, _gather2;
    private GradientKernels? _f32, _bf16;

    internal static IEnumerable<KernelSource> Variants =>
        [GatherSource(16), GatherSource(4), GatherSource(2), GradientSource(TensorType.F32), GradientSource(TensorType.BF16)];

    /// <summary>output[t] = table[ids[t]]: [Count, width] from [Limit, width], both of <paramref name="type"/>.</summary>
    /// <param name="type">Any of 16 or 32 bits.</param>
    public void Gather(GpuStream stream, in GpuIds ids, GpuPointer table, GpuPointer output, TensorType type, int width)
    {
        int size = RealType.Bytes(type), row = checked(width * size);
        if (size is not (2 or 4))
            throw new ArgumentException($"Rows of a table have elements of 2 or 4 bytes, not {type}.");
        if (ids.Count <= 0 || width <= 0)
            return;
        nuint all = table.Address | output.Address | (nuint)row;
        int unit = all % 16 == 0 ? 16 : all % 4 == 0 ? 4 : 2;
        int units = row / unit, threads = Math.Min(GroupSize, (units + 31) / 32 * 32);
        Gather(unit).Launch(stream, new KernelGrid(ids.Count, threads), ids.Data, ids.Limit, table, output, units, ids.Flag);
    }

    /// <summary>Bytes of scratch that <see cref="AddGradient"/> needs.</summary>
    public static long ScratchBytes(int count, int width)
    {
        var layout = new ScratchLayout(count, width);
        return layout.Bytes;
    }

    /// <summary>tableGradient[ids[t]] += gradient[t] for every t: [Count, width] into F32 [Limit, width].</summary>
    /// <param name="type">Of <paramref name="gradient"/>: F32 or BF16.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/>.</param>
    public void AddGradient(
        GpuStream stream, in GpuIds ids, GpuPointer gradient, TensorType type, GpuPointer tableGradient, int width, GpuPointer scratch)
    {
        if (ids.Count <= 0 || width <= 0)
            return;
        GradientKernels kernels = Gradient(type);
        var layout = new ScratchLayout(ids.Count, width);
        GpuPointer keys = scratch, positions = keys + layout.Ids, movedKeys = positions + layout.Ids;
        GpuPointer movedPositions = movedKeys + layout.Ids, places = movedPositions + layout.Ids, partials = places + layout.Places;

        kernels.Begin.Launch(stream, KernelGrid.Elements(ids.Count, GroupSize), ids.Data, ids.Count, ids.Limit, keys, positions, ids.Flag);
        var tiles = new KernelGrid(layout.Tiles, GroupSize);
        for (int shift = 0; shift < 31 && ids.Limit >> shift != 0; shift += DigitBits) // Limit itself represents unknown ids
        {
            kernels.Count.Launch(stream, tiles, keys, ids.Count, shift, places);
            kernels.Sum.Launch(stream, new KernelGrid(1, GroupSize), places, layout.Tiles * Digits);
            kernels.Move.Launch(stream, tiles, keys, positions, ids.Count, shift, places, movedKeys, movedPositions);
            (keys, movedKeys, positions, movedPositions) = (movedKeys, keys, movedPositions, positions);
        }
        var chunks = new KernelGrid(checked(layout.Chunks * ((width + GroupSize - 1) / GroupSize)), GroupSize);
        kernels.Add.Launch(stream, chunks, keys, positions, ids.Count, ids.Limit, gradient, width, tableGradient, partials);
        kernels.AddAcross.Launch(stream, chunks, keys, ids.Count, ids.Limit, width, tableGradient, partials);
    }

    private GpuKernel Gather(int unit) => unit switch
    {
        16 => _gather16 ??= device.Compile(GatherSource(16))["embedding_gather"],
        4 => _gather4 ??= device.Compile(GatherSource(4))["embedding_gather"],
        _ => _gather2 ??= device.Compile(GatherSource(2))["embedding_gather"],
    };

    private GradientKernels Gradient(TensorType type) => type switch
    {
        TensorType.F32 => _f32 ??= new(device.Compile(GradientSource(type))),
        TensorType.BF16 => _bf16 ??= new(device.Compile(GradientSource(type))),
        _ => throw new ArgumentException($"Gradients of rows are F32 or BF16, not {type}."),
    };

    private static KernelSource GatherSource(int unit) => KernelSource.Own("embedding.c", ("UNIT", $"{unit}"));

    private static KernelSource GradientSource(TensorType type) => KernelSource.Own("embedding_gradient.c", RealType.Defines(type));

    private sealed class GradientKernels(GpuModule module)
    {
        public readonly GpuKernel Begin = module["begin_sort"], Count = module["count_digits"], Sum = module["sum_in_front"];
        public readonly GpuKernel Move = module["move_digits"], Add = module["add_chunks"], AddAcross = module["add_across"];
    }

    // Four arrays of ids, the places of digits, and two rows per chunk.
    private readonly struct ScratchLayout(int count, int width)
    {
        public int Tiles => (count + Tile - 1) / Tile;

        public int Chunks => (count + Chunk - 1) / Chunk;

        public long Ids => ((long)count * sizeof(int) + 255) / 256 * 256;

        public long Places => (long)Tiles * Digits * sizeof(int);

        public long Bytes => 4 * Ids + Places + 2L * Chunks * width * sizeof(float);
    }
}
