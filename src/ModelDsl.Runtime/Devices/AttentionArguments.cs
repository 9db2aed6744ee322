namespace ModelDsl.Runtime;

/// <summary>
/// Softmax attention over heads, without a materialised score matrix (Dao et al., 2022, for the order of the work):
/// scores = cap(scale * Q K^T) + mask, Output = softmax(scores) V, LogSumExp[b, h, t] = log sum exp scores.
/// </summary>
/// <remarks>
/// Legend: B batch, Tq queries, Tk keys, H query heads, Hk key heads (H a multiple of Hk), D head size.
/// Element d of head h at query t of sequence b stands at Query[(b * Tq + t) * QueryStride + h * D + d]; keys and values
/// alike with Tk and their own strides, but sequence b of keys begins at b * KeyBatchStride (a cache holds more room
/// than keys). Query t stands at position QueryStart + t of its sequence, key s at position s.
/// </remarks>
public unsafe struct AttentionArguments
{
    public float* Query, Key, Value, Output;
    /// <summary>[B, H, Tq]; may be null where no gradient follows.</summary>
    public float* LogSumExp;
    public int Batch, QueryLength, KeyLength, Heads, KeyHeads, HeadSize;
    /// <summary>Elements from one token to the next.</summary>
    public int QueryStride, KeyStride, ValueStride, OutputStride;
    /// <summary>Elements from one sequence to the next, for keys and for values.</summary>
    public long KeyBatchStride, ValueBatchStride;
    public float Scale;
    /// <summary>A query sees keys at its own position and before.</summary>
    public bool Causal;
    /// <summary>A query sees the last Window positions, its own included; 0 is all.</summary>
    public int Window;
    /// <summary>scores = SoftCap * tanh(scores / SoftCap) before the mask (Gemma 2); 0 is none.</summary>
    public float SoftCap;
    /// <summary>The position of the first query.</summary>
    public int QueryStart;

    /// <summary>Operations of one product of the attention over all scores, masked ones too (the count that peers publish).</summary>
    public static double ProductFlops(int batch, int heads, int queryLength, int keyLength, int headSize) =>
        2.0 * batch * heads * queryLength * keyLength * headSize;
}

/// <summary>
/// The gradients of an attention, laid out like what they are the gradients of; those of sequence b's keys and values
/// begin at b * KeyLength tokens.
/// </summary>
public unsafe struct AttentionGradients
{
    public float* Output, Query, Key, Value;
    /// <summary>Elements from one token to the next.</summary>
    public int OutputStride, QueryStride, KeyStride, ValueStride;
    /// <summary>[B, H, Tq] floats of scratch.</summary>
    public float* Scratch;
}
