using System.Collections.Concurrent;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// The matrix product in the portable dialect: F32, BF16 and F16 in any combination, sums in fp32 in a fixed order. It is
/// OpenCL's <see cref="GpuDevice.MatMul"/>; on CUDA it is the reference for others.
/// </summary>
/// <remarks>
/// <see cref="MatMulArguments.AllowTf32"/> has no effect. Gradients of biases are sums of
/// columns as they are stored, by a kernel of their own.
/// </remarks>
public sealed class TiledMatMul(GpuDevice device)
{
    private const int Threads = 256, ColumnsOfGroup = 16;

    private readonly int? _tile;

    private readonly ConcurrentDictionary<MatMulVariant, GpuKernel> _products = new();
    private readonly ConcurrentDictionary<int, GpuKernel> _columnSums = new(); // by both types

    /// <param name="tile">64 or 128, whatever the size of the product.</param>
    internal TiledMatMul(GpuDevice device, int tile) : this(device) => _tile = tile;

    internal static IEnumerable<KernelSource> Variants
    {
        get
        {
            var plain = new MatMulVariant(
                TensorType.F32, TensorType.F32, TensorType.F32, false, true, 128, true, true, true, false, false, false, false);
            MatMulVariant halves = plain with { A = TensorType.BF16, B = TensorType.BF16, D = TensorType.BF16 };
            return
            [
                plain.Source,
                (plain with { Tile = 64, TransposedA = true, TransposedB = false, VectorA = false, VectorB = false, VectorD = false }).Source,
                (plain with { Bias = true, Gelu = true, Auxiliary = true }).Source,
                (halves with { Bias = true }).Source,
                (halves with { TransposedB = false, Gradient = true }).Source,
                (halves with { A = TensorType.F16, B = TensorType.F16, TransposedA = true, TransposedB = false }).Source,
                ColumnSums(TensorType.F32, TensorType.F32),
                ColumnSums(TensorType.BF16, TensorType.BF16),
            ];
        }
    }

    /// <summary>D = epilogue(Alpha A B + Beta D).</summary>
    /// <exception cref="NotSupportedException">An operand has another type: fp8 needs CUDA.</exception>
    /// <exception cref="ArgumentException">Sizes, strides or pointers are inconsistent.</exception>
    public void Launch(GpuStream stream, in MatMulArguments arguments)
    {
        MatMulChecks.ThrowIfWrong(arguments);
        if (arguments.M > 0 && arguments.N > 0)
            Multiply(stream, arguments);
        if (arguments.Epilogue == MatMulEpilogue.GeluGradientBiasGradient)
            SumColumns(stream, arguments.D, arguments.M, arguments.N, arguments.Bias, arguments.D.Type);
        else if (arguments.Epilogue == MatMulEpilogue.BiasGradientOfA)
            SumColumns(stream, arguments.A, arguments.K, arguments.M, arguments.Bias, arguments.D.Type);
    }

    private void Multiply(GpuStream stream, in MatMulArguments arguments)
    {
        MatMulVariant variant = MatMulVariant.Of(arguments, _tile ?? MatMulVariant.BestTile(arguments, device.Multiprocessors));
        if (!_products.TryGetValue(variant, out GpuKernel? kernel))
            kernel = _products.GetOrAdd(variant, device.Compile(variant.Source)["matmul"]);
        kernel.Launch(
            stream,
            new((int)MatMulVariant.Tiles(arguments.N, variant.Tile), Threads, (int)MatMulVariant.Tiles(arguments.M, variant.Tile)),
            arguments.A.Data, arguments.B.Data, arguments.D.Data, arguments.Bias, arguments.Auxiliary,
            arguments.M, arguments.N, arguments.K,
            arguments.A.Stride, arguments.B.Stride, arguments.D.Stride, arguments.AuxiliaryStride, arguments.Alpha, arguments.Beta);
    }

    private void SumColumns(GpuStream stream, in GpuMatrix x, int rows, int columns, GpuPointer sums, TensorType type)
    {
        if (columns == 0)
            return;
        int key = (int)x.Type << 8 | (int)type;
        if (!_columnSums.TryGetValue(key, out GpuKernel? kernel))
            kernel = _columnSums.GetOrAdd(key, device.Compile(ColumnSums(x.Type, type))["column_sums"]);
        kernel.Launch(stream, new((int)MatMulVariant.Tiles(columns, ColumnsOfGroup), Threads), x.Data, sums, rows, columns, x.Stride);
    }

    private static KernelSource ColumnSums(TensorType x, TensorType sum) => KernelSource.Own(
        "column_sums.c",
        ("TYPE_X", RealType.Name(x)), ("LOAD_X", RealType.Macro("LOAD_", x)),
        ("TYPE_SUM", RealType.Name(sum)), ("STORE_SUM", RealType.Macro("STORE_", sum)));
}
