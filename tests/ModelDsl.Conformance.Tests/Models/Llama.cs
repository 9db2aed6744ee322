namespace ModelDsl.Conformance.Tests.Models;

/// <summary>One layer of Llama.</summary>
[Layer]
public partial record LlamaBlock(
    int Width, int Heads, int KeyHeads, int HeadWidth, int Hidden, Rotary Rotary, float Theta, int Window, bool QueryKeyNorm, float SoftCap, float Eps)
{
    public RmsNorm AttentionNorm => new(Width, Eps);
    public GroupedQueryAttention Attention => new(Width, Heads, KeyHeads, HeadWidth, Rotary, Theta,
        Window: Window, QueryKeyNorm: QueryKeyNorm, SoftCap: SoftCap, Eps: Eps);
    public RmsNorm MlpNorm => new(Width, Eps);
    public SwiGlu Mlp => new(Width, Hidden);

    public Tensor Forward(Tensor x)
    {
        x += Attention.Forward(AttentionNorm.Forward(x));
        return x + Mlp.Forward(MlpNorm.Forward(x));
    }
}

/// <summary>
/// The Llama family (Touvron et al., 2023) with what its relatives add: queries and keys that are normalised (Qwen 3), a
/// window on every second layer and soft caps (Gemma 2), the other layout of rotary positions (Meta).
/// </summary>
[Model]
public partial record Llama(
    int Vocab = 128, int Width = 32, int Layers = 2, int Heads = 4, int KeyHeads = 2, int HeadWidth = 8, int Hidden = 48,
    Rotary Rotary = Rotary.Halves, float Theta = 10000f, int Window = 4, bool QueryKeyNorm = false, bool TiedHead = false,
    float SoftCap = 0f, float Eps = 1e-5f)
{
    public Embedding Token => new(Vocab, Width);
    public Repeat<LlamaBlock> Blocks => new(Layers, layer => new(Width, Heads, KeyHeads, HeadWidth, Hidden, Rotary, Theta,
        Window: layer % 2 == 0 ? Window : 0, QueryKeyNorm, SoftCap, Eps));
    public RmsNorm Final => new(Width, Eps);
    public Linear Head => new(Width, Vocab, UseBias: false);

    [Preset] public static Llama Meta => new(Rotary: Rotary.Neighbours);
    [Preset] public static Llama Qwen => new(QueryKeyNorm: true, TiedHead: true);

    public Tensor Forward(Tokens tokens)
    {
        Tensor x = Final.Forward(Blocks.Forward(Token.Lookup(tokens)));
        return TiedHead ? Token.Project(x) : Head.Forward(x);
    }
}
