namespace ModelDsl.Gpu.Proof;

/// <summary>Inputs and outputs of an attention on the device, and where their elements stand.</summary>
internal sealed class AttentionTensors
{
    public readonly CheckBuffer Query, Key, Value, OutputGradient;
    private readonly AttentionSize _size;

    public AttentionTensors(CheckRun run, AttentionSize size)
    {
        _size = size;
        Query = run.Normal("query", size.Batch * size.Queries * QueryStride, size.Type, size.Spread);
        Key = run.Normal("key", size.Batch * size.Keys * KeyStride, size.Type, size.Spread);
        Value = run.Normal("value", size.Batch * size.Keys * KeyStride, size.Type);
        OutputGradient = run.Normal("output gradient", size.Batch * size.Queries * QueryStride, size.Type);
    }

    public int QueryStride => _size.Heads * _size.HeadSize + _size.Padding;

    public int KeyStride => _size.KeyHeads * _size.HeadSize + _size.Padding;

    /// <summary>The place of a head's first element of a query, or of what is laid out like queries.</summary>
    public int OfQuery(int b, int h, int t) => (b * _size.Queries + t) * QueryStride + h * _size.HeadSize;

    /// <summary>The place of a key head's first element of a key.</summary>
    public int OfKey(int b, int hk, int s) => (b * _size.Keys + s) * KeyStride + hk * _size.HeadSize;

    public GpuAttentionArguments Arguments(CheckBuffer output, CheckBuffer logSumExp) => new()
    {
        Query = Query, Key = Key, Value = Value, Output = output, LogSumExp = logSumExp, Type = _size.Type, Batch = _size.Batch,
        QueryLength = _size.Queries, KeyLength = _size.Keys, Heads = _size.Heads, KeyHeads = _size.KeyHeads, HeadSize = _size.HeadSize,
        QueryStride = QueryStride, KeyStride = KeyStride, ValueStride = KeyStride, OutputStride = QueryStride, Scale = _size.Scale,
        Causal = _size.Causal, Window = _size.Window, SoftCap = _size.SoftCap, QueryStart = _size.QueryStart,
    };

    public GpuAttentionGradients Gradients(CheckBuffer query, CheckBuffer key, CheckBuffer value, CheckBuffer scratch) => new()
    {
        Output = OutputGradient, Query = query, Key = key, Value = value, OutputStride = QueryStride, QueryStride = QueryStride,
        KeyStride = KeyStride, ValueStride = KeyStride, Scratch = scratch,
    };
}
