namespace ModelDsl.Conformance.Tests.Models;

/// <summary>One layer of GPT-2: attention and an MLP, each on a normalised copy of the residual stream.</summary>
[Layer]
public partial record Gpt2Block(int Width, int Heads)
{
    public LayerNorm AttentionNorm => new(Width);
    public SelfAttention Attention => new(Width, Heads);
    public LayerNorm MlpNorm => new(Width);
    public GeluMlp Mlp => new(Width, 4 * Width, Tanh: true);

    public Tensor Forward(Tensor x)
    {
        x += Attention.Forward(AttentionNorm.Forward(x));
        return x + Mlp.Forward(MlpNorm.Forward(x));
    }
}

/// <summary>GPT-2 (Radford et al., 2019); the defaults are the 124M model's.</summary>
[Model]
public partial record Gpt2(int Vocab = 50257, int Context = 1024, int Width = 768, int Layers = 12, int Heads = 12)
{
    public Embedding Token => new(Vocab, Width);
    public Embedding Position => new(Context, Width);
    public Repeat<Gpt2Block> Blocks => new(Layers, layer => new(Width, Heads));
    public LayerNorm Final => new(Width);

    [Preset] public static Gpt2 Medium => new(Width: 1024, Layers: 24, Heads: 16);

    public Tensor Forward(Tokens tokens)
    {
        Tensor x = Token.Lookup(tokens) + Position.Lookup(Positions(tokens));
        return Token.Project(Final.Forward(Blocks.Forward(x)));
    }
}
