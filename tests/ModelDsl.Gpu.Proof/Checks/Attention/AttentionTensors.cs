namespace ModelDsl.Gpu.Proof;

/// <summary>Inputs and outputs of an attention on the device, and the positions of their elements.</summary>
internal sealed class AttentionTensors
{
    public readonly CheckBuffer Query, Key, Value, OutputGradient;
    private readonly AttentionSize _size;

    public AttentionTensors(CheckRun run, AttentionSize size)
    {
        _size = size;
        Query = run.Normal("query", size.Batch * size.Queries * QueryStride, size.Type, size.Spread);
        Key = run.Normal("key", size.Batch * size.Keys * KeyStride, size.Type, size.Spread);
        Value = run.Normal("value", size.Batch * size.Keys * ValueStride, size.Type);
        OutputGradient = run.Normal("output gradient", size.Batch * size.Queries * OutputGradientStride, size.Type);
    }

    // With padding, no two tensors of a shape have the same stride, which detects a form that mixes them up.
    public int QueryStride => OfHeads(1);

    public int OutputGradientStride => OfHeads(2);

    public int OutputStride => OfHeads(3);

    public int QueryGradientStride => OfHeads(4);

    public int KeyStride => OfKeyHeads(1);

    public int ValueStride => OfKeyHeads(2);

    public int KeyGradientStride => OfKeyHeads(3);

    public int ValueGradientStride => OfKeyHeads(4);

    /// <summary>The position of a head's first element of a query, or of a tensor with the layout of queries.</summary>
    public int OfQuery(int stride, int b, int h, int t) => (b * _size.Queries + t) * stride + h * _size.HeadSize;

    /// <summary>The position of a key head's first element of a key, or of a tensor with the layout of keys.</summary>
    public int OfKey(int stride, int b, int hk, int s) => (b * _size.Keys + s) * stride + hk * _size.HeadSize;

    public GpuAttentionArguments Arguments(CheckBuffer output, CheckBuffer logSumExp) => new()
    {
        Query = Query, Key = Key, Value = Value, Output = output, LogSumExp = logSumExp, Type = _size.Type, Batch = _size.Batch,
        QueryLength = _size.Queries, KeyLength = _size.Keys, Heads = _size.Heads, KeyHeads = _size.KeyHeads, HeadSize = _size.HeadSize,
        QueryStride = QueryStride, KeyStride = KeyStride, ValueStride = ValueStride, OutputStride = OutputStride, Scale = _size.Scale,
        Causal = _size.Causal, Window = _size.Window, SoftCap = _size.SoftCap, QueryStart = _size.QueryStart,
    };

    public GpuAttentionGradients Gradients(CheckBuffer query, CheckBuffer key, CheckBuffer value, CheckBuffer scratch) => new()
    {
        Output = OutputGradient, Query = query, Key = key, Value = value, OutputStride = OutputGradientStride,
        QueryStride = QueryGradientStride, KeyStride = KeyGradientStride, ValueStride = ValueGradientStride, Scratch = scratch,
    };

    private int OfHeads(int paddings) => _size.Heads * _size.HeadSize + paddings * _size.Padding;

    private int OfKeyHeads(int paddings) => _size.KeyHeads * _size.HeadSize + paddings * _size.Padding;
}
