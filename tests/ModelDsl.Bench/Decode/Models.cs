namespace ModelDsl.Bench.Decode;

/// <summary>One layer of <see cref="Story"/>.</summary>
[Layer]
public partial record StoryBlock(int Width, int Heads, int KeyHeads, int Hidden)
{
    public RmsNorm AttentionNorm => new(Width);
    public GroupedQueryAttention Attention => new(Width, Heads, KeyHeads, HeadWidth: Width / Heads, Rotary: Rotary.Neighbours);
    public RmsNorm MlpNorm => new(Width);
    public SwiGlu Mlp => new(Width, Hidden);

    public Tensor Forward(Tensor x)
    {
        x += Attention.Forward(AttentionNorm.Forward(x));
        return x + Mlp.Forward(MlpNorm.Forward(x));
    }
}

/// <summary>A Llama with tied embedding; the defaults have 110 million parameters.</summary>
[Model]
public partial record Story(int Vocab = 32000, int Width = 768, int Layers = 12, int Heads = 12, int KeyHeads = 12, int Hidden = 2048)
{
    public Embedding Token => new(Vocab, Width);
    public Repeat<StoryBlock> Blocks => new(Layers, layer => new(Width, Heads, KeyHeads, Hidden));
    public RmsNorm Final => new(Width);

    public Tensor Forward(Tokens tokens) => Token.Project(Final.Forward(Blocks.Forward(Token.Lookup(tokens))));
}
