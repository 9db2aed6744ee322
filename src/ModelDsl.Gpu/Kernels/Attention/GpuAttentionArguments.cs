using ModelDsl.Runtime;

namespace ModelDsl.Gpu;

/// <summary>
/// Softmax attention over heads, without a materialised score matrix (Dao et al., 2022; Dao, 2023):
/// scores = cap(Scale * Q K^T) + mask, Output = softmax(scores) V, LogSumExp[b, h, t] = ln sum exp scores.
/// </summary>
/// <remarks>
/// Legend: B batch, Tq queries, Tk keys, H query heads, Hk key heads (H a multiple of Hk), D head size. Element d of head
/// h at query t of sequence b is Query[(b * Tq + t) * QueryStride + h * D + d], keys and values likewise with Tk and
/// Hk. Query t is at position QueryStart + t of its sequence, key s at position s. Strides are in elements; rows of
/// 16-bit types begin at multiples of 16 bytes. Sums are in fp32.
/// </remarks>
public record struct GpuAttentionArguments
{
    public GpuPointer Query, Key, Value, Output;

    /// <summary>[B, H, Tq] floats; null if no backward pass follows.</summary>
    public GpuPointer LogSumExp;

    /// <summary>The type of all four: F32 or BF16.</summary>
    public TensorType Type;

    public int Batch, QueryLength, KeyLength, Heads, KeyHeads, HeadSize;

    /// <summary>Elements from one token to the next.</summary>
    public int QueryStride, KeyStride, ValueStride, OutputStride;

    public float Scale;

    /// <summary>A query sees only keys at its own position and before.</summary>
    public bool Causal;

    /// <summary>A query sees only the last Window positions, its own included; 0 means all. Only with <see cref="Causal"/>.</summary>
    public int Window;

    /// <summary>scores = SoftCap * tanh(scores / SoftCap) before the mask (Gemma 2); 0 means none.</summary>
    public float SoftCap;

    /// <summary>The position of the first query.</summary>
    public int QueryStart;

    /// <summary>Describes the attention in errors.</summary>
    public readonly string Shape =>
        $"attention {Type} B {Batch}, Tq {QueryLength}, Tk {KeyLength}, H {Heads}/{KeyHeads}, D {HeadSize}";
}

/// <summary>The gradients of an attention, with the type and layout of the corresponding operands.</summary>
public record struct GpuAttentionGradients
{
    public GpuPointer Output, Query, Key, Value;

    /// <summary>Elements from one token to the next.</summary>
    public int OutputStride, QueryStride, KeyStride, ValueStride;

    /// <summary>[B, H, Tq] floats of scratch: the sums of Output * dOutput over a row.</summary>
    public GpuPointer Scratch;
}
