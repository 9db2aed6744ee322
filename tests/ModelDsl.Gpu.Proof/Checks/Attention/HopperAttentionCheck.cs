using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>The form for Hopper: tiles of 64 or 128 queries and 64 to 128 keys, complete, partial and missing.</summary>
public sealed class HopperAttentionCheck : AttentionCheck
{
    protected override string Form => "wgmma";

    protected override TensorType Probabilities => TensorType.BF16;

    protected override bool HasBackward(AttentionSize size) => size.HeadSize <= 128;

    public override DeviceNeeds Needs => DeviceNeeds.HopperKernels;

    protected override IReadOnlyList<AttentionSize> Quick =>
    [
        Size(1, 1, 1, 1, 1, 64) with { Causal = true },
        Size(2, 63, 63, 2, 1, 64) with { Causal = true, Padding = 8 },
        Size(1, 65, 300, 2, 2, 64) with { Causal = true, QueryStart = 235 },
        Size(1, 200, 500, 1, 1, 64),                                                     // every buffer more than once
        Size(1, 260, 260, 1, 1, 64) with { Causal = true, Window = 33 },
        Size(1, 130, 150, 1, 1, 64) with { Causal = true, Window = 20, QueryStart = -60 }, // the first see nothing: whole tiles of them
        Size(1, 40, 140, 1, 1, 64) with { Spread = 9 },
        Size(1, 140, 210, 2, 1, 96) with { Causal = true, QueryStart = 70, Padding = 8 },
        Size(1, 1, 200, 1, 1, 128) with { Causal = true, QueryStart = 199 },
        Size(1, 200, 200, 4, 2, 128) with { Causal = true },
        Size(2, 63, 430, 1, 1, 128) with { Padding = 8 },
        Size(1, 300, 65, 2, 1, 128),
        Size(1, 130, 150, 1, 1, 128) with { Causal = true, Window = 20, QueryStart = 100 }, // the last see nothing
        Size(1, 70, 290, 1, 1, 192) with { Causal = true, QueryStart = 220 },
        Size(1, 65, 300, 2, 1, 256) with { Causal = true, Window = 100, QueryStart = 200 },
    ];

    protected override IReadOnlyList<AttentionSize> Full =>
    [
        Size(2, 1024, 1024, 4, 4, 64) with { Causal = true }, Size(1, 1000, 1500, 4, 1, 128) with { Causal = true, QueryStart = 500 },
        Size(1, 600, 600, 4, 2, 96) with { Causal = true }, Size(1, 777, 777, 2, 2, 128), Size(1, 2048, 2048, 2, 2, 64) with { Causal = true, Window = 256 },
        Size(1, 513, 700, 2, 1, 192), Size(1, 640, 640, 2, 2, 256) with { Causal = true },
    ];

    private static AttentionSize Size(int batch, int queries, int keys, int heads, int keyHeads, int headSize) =>
        new(batch, queries, keys, heads, keyHeads, headSize, TensorType.BF16);
}
