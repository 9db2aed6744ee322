using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>
/// The mma.sync form: BF16; the weights and the gradients of scores are rounded to BF16 as operands of
/// products. Every tile width, with lengths around the tiles' edges.
/// </summary>
public sealed class MmaAttentionCheck : AttentionCheck
{
    public override DeviceNeeds Needs => DeviceNeeds.CudaFrom(80);

    protected override string Form => "mma.sync";

    protected override TensorType Probabilities => TensorType.BF16;

    protected override IReadOnlyList<AttentionSize> Quick =>
    [
        new(1, 1, 1, 1, 1, 64, TensorType.BF16) { Causal = true },
        new(2, 63, 63, 2, 2, 64, TensorType.BF16) { Causal = true, Padding = 8 },
        new(1, 130, 130, 4, 1, 64, TensorType.BF16) { Causal = true },
        new(1, 65, 130, 4, 1, 64, TensorType.BF16) { Causal = true, QueryStart = 65, Window = 40 },
        new(1, 130, 65, 1, 1, 64, TensorType.BF16),
        new(1, 200, 200, 1, 1, 64, TensorType.BF16) { Causal = true, Spread = 4 }, // growing maxima, so that sums are rescaled
        new(1, 130, 70, 1, 1, 96, TensorType.BF16) { Causal = true, Window = 20, QueryStart = -30 }, // the first and the last see nothing
        new(1, 130, 130, 2, 1, 128, TensorType.BF16) { Causal = true },
        new(1, 65, 63, 1, 1, 128, TensorType.BF16) { SoftCap = 5 },
        new(1, 65, 130, 1, 1, 192, TensorType.BF16) { Causal = true, QueryStart = 65 },
        new(1, 65, 65, 2, 1, 256, TensorType.BF16) { Causal = true },
        new(1, 20, 40, 1, 1, 256, TensorType.BF16) { Causal = true, QueryStart = 20, SoftCap = 5 },
        new(1, 40, 40, 1, 1, 8, TensorType.BF16), new(1, 40, 40, 1, 1, 80, TensorType.BF16), new(1, 40, 40, 1, 1, 200, TensorType.BF16),
    ];

    protected override IReadOnlyList<AttentionSize> Full =>
    [
        new(2, 1024, 1024, 4, 4, 64, TensorType.BF16) { Causal = true }, new(1, 1000, 1000, 8, 2, 128, TensorType.BF16) { Causal = true },
        new(1, 300, 1500, 8, 2, 128, TensorType.BF16) { Causal = true, QueryStart = 1200 }, new(1, 900, 900, 2, 2, 96, TensorType.BF16),
        new(1, 1100, 1100, 4, 2, 256, TensorType.BF16) { Causal = true, Window = 300, SoftCap = 30 },
        new(1, 700, 700, 2, 1, 192, TensorType.BF16) { Causal = true },
        new(1, 6000, 6000, 10, 10, 128, TensorType.BF16) { Causal = true, Window = 20 }, // more heads than are taken together
    ];
}
