using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>The product in the kernel dialect, with tiles of one size.</summary>
public abstract class TiledMatMulCheck(int tile) : MatMulCheck
{
    public override string Name => $"tiled matmul {tile}";

    private protected override void Multiply(CheckRun run, in MatMulArguments arguments, MatMulSize size) =>
        new TiledMatMul(run.Device, tile).Launch(run.Stream, arguments);

    protected override IReadOnlyList<MatMulSize> Quick { get; } =
    [
        new(tile + 2, 150, 33, TensorType.F32, TensorType.F32, Padding: 3),
        new(129, 2 * tile + 4, 100, TensorType.BF16, TensorType.BF16, MatMulEpilogue.GeluAuxiliaryBias, "nt"),
        new(tile, tile + 1, 64, TensorType.F16, TensorType.F32, MatMulEpilogue.BiasGradientOfA, "tn", Alpha: 0.5f, Beta: 1),
        new(131, 140, 17, TensorType.F32, TensorType.F16, MatMulEpilogue.GeluGradientBiasGradient, "tt") { TypeOfB = TensorType.BF16 },
        new(65, 66, 0, TensorType.F32, TensorType.F32, MatMulEpilogue.Bias, Beta: 0.5f),
    ];

    protected override IReadOnlyList<MatMulSize> Full { get; } =
    [
        .. from layout in new[] { "nn", "nt", "tn", "tt" } select new MatMulSize(1023, 769, 1025, TensorType.F32, TensorType.F32, Layout: layout),
        .. from layout in new[] { "nn", "nt", "tn", "tt" } select new MatMulSize(1024, 768, 768, TensorType.BF16, TensorType.BF16, Layout: layout),
    ];
}

/// <summary>The tiles that <see cref="GpuDevice.MatMul"/> of OpenCL uses for small products and checks there; here on CUDA.</summary>
public sealed class TiledMatMul64Check() : TiledMatMulCheck(64)
{
    public override DeviceNeeds Needs => DeviceNeeds.CudaFrom(50);
}

/// <summary>The tiles of large products.</summary>
public sealed class TiledMatMul128Check() : TiledMatMulCheck(128);
