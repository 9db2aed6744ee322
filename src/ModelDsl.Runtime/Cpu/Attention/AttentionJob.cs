namespace ModelDsl.Runtime.Cpu;

/// <summary>One attention call as its work items see it.</summary>
internal unsafe struct AttentionJob(in AttentionArguments arguments, in GemmTile tile, float* scratch, int slot)
{
    public readonly AttentionArguments A = arguments;
    public AttentionGradients Gradients;
    public readonly GemmTile Tile = tile;
    public readonly float* Scratch = scratch;
    /// <summary>Floats of scratch of one part.</summary>
    public readonly int Slot = slot;
    /// <summary>Work items, and how many have been taken.</summary>
    public int Items, Taken;

    /// <summary>Query heads that share a key head.</summary>
    public readonly int Group => A.Heads / A.KeyHeads;

    /// <summary>The head size, rounded up to whole vectors.</summary>
    public readonly int Width => RoundUp(A.HeadSize, Simd.Width);

    /// <summary>Scores in units of log 2 are this times the product of query and key; with a soft cap, the argument of tanh is.</summary>
    public readonly float Factor => A.SoftCap > 0 ? A.Scale / A.SoftCap : A.Scale * Log2E;

    public const float Log2E = 1.44269504f, Ln2 = 0.693147181f;

    /// <summary>The first key that query t sees.</summary>
    public readonly int FirstKey(int t) => A.Window > 0 ? Math.Max(0, A.QueryStart + t - A.Window + 1) : 0;

    /// <summary>One past the last key that query t sees.</summary>
    public readonly int EndKey(int t) => A.Causal ? Math.Min(A.KeyLength, A.QueryStart + t + 1) : A.KeyLength;

    public readonly float* Query(int b, int head, int t) =>
        A.Query + ((nint)b * A.QueryLength + t) * A.QueryStride + (nint)head * A.HeadSize;

    public readonly float* Key(int b, int keyHead, int s) =>
        A.Key + (nint)(b * A.KeyBatchStride) + (nint)s * A.KeyStride + (nint)keyHead * A.HeadSize;

    public readonly float* Value(int b, int keyHead, int s) =>
        A.Value + (nint)(b * A.ValueBatchStride) + (nint)s * A.ValueStride + (nint)keyHead * A.HeadSize;

    public readonly float* Output(int b, int head, int t) =>
        A.Output + ((nint)b * A.QueryLength + t) * A.OutputStride + (nint)head * A.HeadSize;

    /// <summary>The place of a row in [B, H, Tq].</summary>
    public readonly nint Row(int b, int head, int t) => ((nint)b * A.Heads + head) * A.QueryLength + t;

    public readonly int RoundUpToTile(int rows) => RoundUp(rows, Tile.Rows);

    public static int RoundUp(int n, int multiple) => (n + multiple - 1) / multiple * multiple;
}
