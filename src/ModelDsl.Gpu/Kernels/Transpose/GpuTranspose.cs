namespace ModelDsl.Gpu;

/// <summary>The operands of a transpose: target[b][c][r] = source[b][r][c].</summary>
public record struct GpuTransposeArguments
{
    public GpuPointer Source, Target;

    /// <summary>Bytes: 1, 2 or 4.</summary>
    public int ElementSize;

    /// <summary>Of the source.</summary>
    public int Rows, Columns;

    /// <summary>Elements from one row to the next; 0 means contiguous.</summary>
    public long SourceStride, TargetStride;

    /// <summary>The number of matrices, and elements from one to the next; 0 means contiguous.</summary>
    public int Matrices = 1;
    public long SourceMatrixStride, TargetMatrixStride;

    public GpuTransposeArguments() { }
}

/// <summary>Transposes of matrices of any type of 1, 2 or 4 bytes.</summary>
public sealed class GpuTranspose(GpuDevice device)
{
    private const int Lanes = 32, Height = 8;

    private GpuKernel? _one, _two, _four;

    internal static IEnumerable<KernelSource> Variants => [Source(1), Source(2), Source(4)];

    /// <summary>Queues the transposes; source and target do not overlap.</summary>
    /// <exception cref="ArgumentException">The element size is not supported, rows overlap, or pointers are not aligned to elements.</exception>
    public void Run(GpuStream stream, in GpuTransposeArguments a)
    {
        int size = a.ElementSize;
        if (size is not (1 or 2 or 4))
            throw new ArgumentException($"A transpose has elements of 1, 2 or 4 bytes, not {size}.");
        long sourceStride = a.SourceStride == 0 ? a.Columns : a.SourceStride, targetStride = a.TargetStride == 0 ? a.Rows : a.TargetStride;
        long sourceMatrix = a.SourceMatrixStride == 0 ? a.Rows * sourceStride : a.SourceMatrixStride;
        long targetMatrix = a.TargetMatrixStride == 0 ? a.Columns * targetStride : a.TargetMatrixStride;
        if (sourceStride < a.Columns || targetStride < a.Rows)
            throw new ArgumentException($"A transpose of [{a.Rows}, {a.Columns}] has strides of {sourceStride} and {targetStride}; they must hold a row.");
        if (a.Source.Address % (nuint)size != 0 || a.Target.Address % (nuint)size != 0)
            throw new ArgumentException($"A transpose from {a.Source} to {a.Target} is not aligned to elements of {size} bytes.");
        if (a.Rows <= 0 || a.Columns <= 0 || a.Matrices <= 0)
            return;
        int side = Lanes * (4 / size);
        long groups = (long)((a.Columns + side - 1) / side) * ((a.Rows + side - 1) / side) * a.Matrices;
        Kernel(size).Launch(
            stream, new KernelGrid(checked((int)groups), Lanes, SizeY: Height),
            a.Source, sourceStride, sourceMatrix, IsAligned(a.Source, sourceStride, sourceMatrix, size),
            a.Target, targetStride, targetMatrix, IsAligned(a.Target, targetStride, targetMatrix, size), a.Rows, a.Columns);
    }

    private GpuKernel Kernel(int size) => size switch
    {
        1 => _one ??= device.Compile(Source(1))["transpose"],
        2 => _two ??= device.Compile(Source(2))["transpose"],
        _ => _four ??= device.Compile(Source(4))["transpose"],
    };

    private static KernelSource Source(int size) => KernelSource.Own("transpose.c", ("SIZE", $"{size}"));

    // Whether every row begins at a whole word.
    private static int IsAligned(GpuPointer pointer, long stride, long matrix, int size) =>
        pointer.Address % 4 == 0 && stride * size % 4 == 0 && matrix * size % 4 == 0 ? 1 : 0;
}
