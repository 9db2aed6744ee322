namespace Examples.TextGpt;

/// <summary>One layer: attention and a gated MLP, each on a normalised copy of the residual stream.</summary>
[Layer]
public partial record Block(int Width, int Heads, int KeyHeads, int Hidden, float Theta)
{
    public RmsNorm AttentionNorm => new(Width);
    public GroupedQueryAttention Attention => new(Width, Heads, KeyHeads, HeadWidth: Width / Heads, Theta: Theta);
    public RmsNorm MlpNorm => new(Width);
    public SwiGlu Mlp => new(Width, Hidden);

    public Tensor Forward(Tensor x)
    {
        x += Attention.Forward(AttentionNorm.Forward(x));
        return x + Mlp.Forward(MlpNorm.Forward(x));
    }
}

/// <summary>
/// A language model in the style of Llama: RMSNorm, rotary positions, grouped queries, SwiGLU, and a head that shares the
/// table of the embedding.
/// </summary>
[Model]
public partial record TextGpt(
    int Vocab = 1024, int Width = 192, int Layers = 4, int Heads = 6, int KeyHeads = 2, int Hidden = 512, float Theta = 10000f)
{
    public Embedding Token => new(Vocab, Width);
    public Repeat<Block> Blocks => new(Layers, layer => new(Width, Heads, KeyHeads, Hidden, Theta));
    public RmsNorm Final => new(Width);

    [Preset] public static TextGpt Tiny => new(Width: 96, Layers: 3, Heads: 3, KeyHeads: 1, Hidden: 256);
    [Preset] public static TextGpt Medium => new(Width: 384, Layers: 6, Heads: 6, KeyHeads: 2, Hidden: 1024);
    [Preset] public static TextGpt Large => new(Width: 768, Layers: 12, Heads: 12, KeyHeads: 4, Hidden: 2048);

    /// <summary>Tokens [B, T] to a score for each next token, [B, T, Vocab].</summary>
    public Tensor Forward(Tokens tokens) => Token.Project(Final.Forward(Blocks.Forward(Token.Lookup(tokens))));
}
