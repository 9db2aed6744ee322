using ModelDsl;
using static ModelDsl.Ops;

namespace Examples;

public enum Gate { SwiGlu, GeGlu }

[Layer]
public partial record RmsNorm(int Width, float Eps = 1e-6f)
{
    [Weight(nameof(Width), Init = Init.Ones)] public partial Tensor Scale { get; }

    public Tensor Forward(Tensor x) => x * Rsqrt(Mean(x * x) + Eps) * Scale;
}

/// <summary>Grouped queries, rotary positions, a window that may differ by layer, norms of queries and keys by choice.</summary>
[Layer]
public partial record Attend(int Width, int Heads, int KeyHeads, int Window, float Theta, bool Norms)
{
    private int Head => Width / Heads;
    private int Keys => KeyHeads * Head;

    [Weight(nameof(Width), nameof(Width))] public partial Tensor Query { get; }
    [Weight(nameof(Width), nameof(Keys))] public partial Tensor Key { get; }
    [Weight(nameof(Width), "KeyHeads * Head")] public partial Tensor Value { get; }
    [Weight(nameof(Width), nameof(Width), Init = Init.Residual)] public partial Tensor Out { get; }
    public RmsNorm QueryNorm => new(Head);
    public RmsNorm KeyNorm => new(Head);

    public Tensor Forward(Tensor x, Tokens positions)
    {
        Tensor q = SplitHeads(MatMul(x, Query), Heads), k = SplitHeads(MatMul(x, Key), KeyHeads);
        if (Norms)
        {
            q = QueryNorm.Forward(q);
            k = KeyNorm.Forward(k);
        }
        Tensor v = SplitHeads(MatMul(x, Value), KeyHeads);
        return MatMul(MergeHeads(Attention(Rope(q, positions, Theta), Rope(k, positions, Theta), v, window: Window)), Out);
    }
}

[Layer]
public partial record GatedMlp(int Width, int Hidden, Gate Gate = Gate.SwiGlu)
{
    [Weight(nameof(Width), nameof(Hidden))] public partial Tensor Open { get; }
    [Weight(nameof(Width), nameof(Hidden))] public partial Tensor Up { get; }
    [Weight(nameof(Hidden), nameof(Width), Init = Init.Residual)] public partial Tensor Down { get; }

    public Tensor Forward(Tensor x)
    {
        Tensor open = MatMul(x, Open);
        Tensor gate = Gate switch
        {
            Gate.SwiGlu => Silu(open),
            Gate.GeGlu => Gelu(open),
            _ => open,
        };
        return MatMul(gate * MatMul(x, Up), Down);
    }
}

[Layer]
public partial record LlamaBlock(int Width, int Heads, int KeyHeads, int Hidden, int Window, float Theta, bool Norms)
{
    public RmsNorm Before => new(Width);
    public Attend Attention => new(Width, Heads, KeyHeads, Window, Theta, Norms);
    public RmsNorm Between => new(Width);
    public GatedMlp Mlp => new(Width, Hidden);

    public Tensor Forward(Tensor x)
    {
        x += Attention.Forward(Before.Forward(x), Positions(x));
        return x + Mlp.Forward(Between.Forward(x));
    }
}

[Model]
public partial record Llama(
    int Vocab = 32000, int Width = 512, int Layers = 8, int Heads = 8, int KeyHeads = 2, int Hidden = 1376, float Theta = 10000, bool Norms = false)
{
    [Weight(nameof(Vocab), nameof(Width))] public partial Tensor Tokens { get; }
    public Repeat<LlamaBlock> Blocks => new(Layers, layer =>
        new(Width, Heads, KeyHeads, Hidden, Window: layer % 4 == 3 ? 0 : 128, layer % 4 == 3 ? 100 * Theta : Theta, Norms));
    public RmsNorm Final => new(Width);
    [Weight(nameof(Width), nameof(Vocab))] public partial Tensor Head { get; }

    [Preset] public static Llama Normed => new(Norms: true);

    public Tensor Forward([Limit(nameof(Vocab))] Tokens tokens)
    {
        Tensor x = Lookup(Tokens, tokens) * MathF.Sqrt(Width);
        return SoftCap(MatMul(Final.Forward(Blocks.Forward(x)), Head), 30);
    }
}
