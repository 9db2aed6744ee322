using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Products of fp32.</summary>
public sealed class MatMulF32Check : MatMulCheck
{
    public override string Name => "matmul f32";

    protected override IReadOnlyList<MatMulSize> Quick { get; } =
    [
        .. from layout in new[] { "nn", "nt", "tn", "tt" } select new MatMulSize(33, 40, 17, TensorType.F32, TensorType.F32, Layout: layout, Padding: 3),
        new(1, 1, 1, TensorType.F32, TensorType.F32),
        new(1, 129, 65, TensorType.F32, TensorType.F32, Alpha: -0.5f),
        new(67, 1, 31, TensorType.F32, TensorType.F32, Beta: 0.75f, Padding: 2),
        new(65, 48, 100, TensorType.F32, TensorType.F32, Layout: "nt", Beta: 1),
        .. from epilogue in MatMulEpilogues.All select new MatMulSize(37, 72, 24, TensorType.F32, TensorType.F32, epilogue, MatMulEpilogues.Layout(epilogue)),
    ];

    protected override IReadOnlyList<MatMulSize> Full { get; } =
    [
        new(1023, 769, 1025, TensorType.F32, TensorType.F32, Layout: "nt"),
        .. from epilogue in MatMulEpilogues.All select new MatMulSize(1024, 768, 768, TensorType.F32, TensorType.F32, epilogue, MatMulEpilogues.Layout(epilogue)),
    ];
}

/// <summary>Products of fp32 on the tensor cores.</summary>
public sealed class MatMulTf32Check : MatMulCheck
{
    public override string Name => "matmul tf32";

    public override DeviceNeeds Needs => DeviceNeeds.CudaFrom(80);

    protected override IReadOnlyList<MatMulSize> Quick { get; } =
        [new(33, 40, 17, TensorType.F32, TensorType.F32) { Tf32 = true }, new(64, 72, 136, TensorType.F32, TensorType.F32, MatMulEpilogue.GeluBias, "nt") { Tf32 = true }];

    protected override IReadOnlyList<MatMulSize> Full { get; } =
        [.. from layout in new[] { "nn", "nt", "tn", "tt" } select new MatMulSize(1024, 768, 3072, TensorType.F32, TensorType.F32, Layout: layout) { Tf32 = true }];
}

/// <summary>Products of bf16 and fp16, with sums in fp32.</summary>
public sealed class MatMulHalfCheck : MatMulCheck
{
    private static readonly TensorType[] s_types = [TensorType.BF16, TensorType.F16];

    public override string Name => "matmul 16-bit";

    protected override IReadOnlyList<MatMulSize> Quick { get; } =
    [
        .. from type in s_types from layout in new[] { "nn", "nt", "tn", "tt" } select new MatMulSize(33, 40, 17, type, type, Layout: layout, Padding: 3),
        .. from type in s_types select new MatMulSize(65, 40, 96, type, TensorType.F32, Layout: "nt", Beta: 1),
        .. from type in s_types from epilogue in MatMulEpilogues.All select new MatMulSize(37, 72, 24, type, type, epilogue, MatMulEpilogues.Layout(epilogue)),
    ];

    protected override IReadOnlyList<MatMulSize> Full { get; } =
    [
        .. from type in s_types select new MatMulSize(1023, 769, 1025, type, type, Layout: "nt"),
        .. from type in s_types from epilogue in MatMulEpilogues.All select new MatMulSize(1024, 3072, 768, type, type, epilogue, MatMulEpilogues.Layout(epilogue)),
        new(512, 50304, 768, TensorType.BF16, TensorType.F32, Layout: "nt"),
        new(768, 2304, 4096, TensorType.BF16, TensorType.F32, MatMulEpilogue.BiasGradientOfA, "tn", Beta: 1),
    ];
}

/// <summary>Products of fp8.</summary>
public sealed class MatMulFp8Check : MatMulCheck
{
    public override string Name => "matmul fp8";

    public override DeviceNeeds Needs => DeviceNeeds.CudaFrom(89);

    protected override IReadOnlyList<MatMulSize> Quick { get; } =
    [
        new(32, 48, 64, TensorType.F8E4M3, TensorType.BF16, Layout: "nt"),
        new(48, 32, 80, TensorType.F8E4M3, TensorType.BF16, MatMulEpilogue.Bias, "nt", Padding: 16),
        new(48, 32, 80, TensorType.F8E4M3, TensorType.F16, Layout: "nt") { TypeOfB = TensorType.F8E5M2 },
        new(48, 32, 80, TensorType.F8E5M2, TensorType.F32, Layout: "nt") { TypeOfB = TensorType.F8E4M3 },
    ];

    protected override IReadOnlyList<MatMulSize> Full { get; } =
    [
        new(1024, 3072, 768, TensorType.F8E4M3, TensorType.BF16, MatMulEpilogue.GeluBias, "nt"),
        new(1000, 768, 3072, TensorType.F8E4M3, TensorType.BF16, MatMulEpilogue.Bias, "nt"),
    ];
}

internal static class MatMulEpilogues
{
    public static IReadOnlyList<MatMulEpilogue> All { get; } = Enum.GetValues<MatMulEpilogue>();

    public static bool HasAuxiliary(MatMulEpilogue epilogue) =>
        epilogue is MatMulEpilogue.GeluAuxiliaryBias or MatMulEpilogue.GeluGradient or MatMulEpilogue.GeluGradientBiasGradient;

    /// <summary>How a training step calls it: forward x W^T, backward dY W, and dY^T x for the weights.</summary>
    public static string Layout(MatMulEpilogue epilogue) => epilogue switch
    {
        MatMulEpilogue.BiasGradientOfA => "tn",
        MatMulEpilogue.GeluGradient or MatMulEpilogue.GeluGradientBiasGradient => "nn",
        _ => "nt",
    };
}
