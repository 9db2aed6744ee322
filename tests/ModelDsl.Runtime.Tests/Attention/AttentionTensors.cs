using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Tests;

/// <summary>
/// The operands of one attention in native memory: inputs random, outputs NaN, and NaN in every gap between heads and
/// in the room behind the keys, so that whatever is read or left unwritten by mistake shows.
/// </summary>
internal sealed unsafe class AttentionTensors : IDisposable
{
    private readonly List<nint> _memory = [];
    public readonly AttentionCase Case;
    public AttentionArguments Arguments;
    public AttentionGradients Gradients;
    public readonly int QueryStride, KeyStride;

    public AttentionTensors(AttentionCase c, int seed)
    {
        Case = c;
        var random = new Random(seed);
        QueryStride = c.H * c.D + c.Gap;
        KeyStride = c.Hk * c.D + c.Gap;
        int queries = c.B * c.Tq, keys = c.B * (c.Tk + c.Room);
        Arguments = new AttentionArguments
        {
            Query = Tokens(queries, QueryStride, c.H * c.D, random), Key = Tokens(keys, KeyStride, c.Hk * c.D, random),
            Value = Tokens(keys, KeyStride, c.Hk * c.D, random), Output = Tokens(queries, QueryStride, 0, random),
            LogSumExp = Tokens(1, c.B * c.H * c.Tq, 0, random),
            Batch = c.B, QueryLength = c.Tq, KeyLength = c.Tk, Heads = c.H, KeyHeads = c.Hk, HeadSize = c.D,
            QueryStride = QueryStride, KeyStride = KeyStride, ValueStride = KeyStride, OutputStride = QueryStride,
            KeyBatchStride = (long)(c.Tk + c.Room) * KeyStride, ValueBatchStride = (long)(c.Tk + c.Room) * KeyStride,
            Scale = c.Scale, Causal = c.Causal, Window = c.Window, SoftCap = c.SoftCap, QueryStart = c.QueryStart,
        };
        for (int b = 0; b < c.B; b++)
            for (nint i = (nint)c.Tk * KeyStride; i < (nint)(c.Tk + c.Room) * KeyStride; i++)
                Arguments.Key[b * Arguments.KeyBatchStride + i] = Arguments.Value[b * Arguments.KeyBatchStride + i] = float.NaN;
        Gradients = new AttentionGradients
        {
            Output = Tokens(queries, QueryStride, c.H * c.D, random), Query = Tokens(queries, QueryStride, 0, random),
            Key = Tokens(c.B * c.Tk, KeyStride, 0, random), Value = Tokens(c.B * c.Tk, KeyStride, 0, random),
            OutputStride = QueryStride, QueryStride = QueryStride, KeyStride = KeyStride, ValueStride = KeyStride,
            Scratch = Tokens(1, c.B * c.H * c.Tq, 0, random),
        };
    }

    public double Query(int b, int h, int t, int d) => Arguments.Query[((long)b * Case.Tq + t) * QueryStride + h * Case.D + d];
    public double Key(int b, int h, int s, int d) => Arguments.Key[b * Arguments.KeyBatchStride + (long)s * KeyStride + h * Case.D + d];
    public double Value(int b, int h, int s, int d) => Arguments.Value[b * Arguments.KeyBatchStride + (long)s * KeyStride + h * Case.D + d];
    public double OutputGradient(int b, int h, int t, int d) => Gradients.Output[((long)b * Case.Tq + t) * QueryStride + h * Case.D + d];

    /// <summary>The bits of everything that is written.</summary>
    public int[] Bits()
    {
        var bits = new List<int>();
        foreach (nint block in _memory)
            foreach (int x in new Span<int>((void*)(block + 64), *(int*)block)) bits.Add(x);
        return [.. bits];
    }

    /// <summary>Fails where the gaps between tokens have changed.</summary>
    public void AssertGapsUntouched(float* tokens, int count, int stride, int used)
    {
        for (int t = 0; t < count; t++)
            for (int i = used; i < stride; i++) Assert.True(float.IsNaN(tokens[(long)t * stride + i]), $"gap of token {t}");
    }

    public void Dispose()
    {
        foreach (nint block in _memory) NativeMemory.AlignedFree((void*)block);
    }

    private float* Tokens(int count, int stride, int used, Random random)
    {
        int floats = count * stride;
        byte* block = (byte*)NativeMemory.AlignedAlloc((nuint)(64 + 4L * floats), 64);
        *(int*)block = floats;
        _memory.Add((nint)block);
        float* p = (float*)(block + 64);
        for (int t = 0; t < count; t++)
            for (int i = 0; i < stride; i++) p[(long)t * stride + i] = i < used ? (float)(2 * random.NextDouble() - 1) * 1.5f : float.NaN;
        return p;
    }
}
