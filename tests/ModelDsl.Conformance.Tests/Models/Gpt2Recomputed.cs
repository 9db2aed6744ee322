namespace ModelDsl.Conformance.Tests.Models;

/// <summary>GPT-2 that keeps no more of a layer than its input.</summary>
[Model(Recompute = Recompute.Layer)]
public partial record Gpt2Recomputed(int Vocab = 50257, int Context = 1024, int Width = 768, int Layers = 12, int Heads = 12)
{
    public Embedding Token => new(Vocab, Width);
    public Embedding Position => new(Context, Width);
    public Repeat<Gpt2Block> Blocks => new(Layers, layer => new(Width, Heads));
    public LayerNorm Final => new(Width);

    public Tensor Forward(Tokens tokens)
    {
        Tensor x = Token.Lookup(tokens) + Position.Lookup(Positions(tokens));
        return Token.Project(Final.Forward(Blocks.Forward(x)));
    }
}

/// <summary>GPT-2 that keeps all that its backward pass reads.</summary>
[Model(Recompute = Recompute.None)]
public partial record Gpt2Kept(int Vocab = 50257, int Context = 1024, int Width = 768, int Layers = 12, int Heads = 12)
{
    public Embedding Token => new(Vocab, Width);
    public Embedding Position => new(Context, Width);
    public Repeat<Gpt2Block> Blocks => new(Layers, layer => new(Width, Heads));
    public LayerNorm Final => new(Width);

    public Tensor Forward(Tokens tokens)
    {
        Tensor x = Token.Lookup(tokens) + Position.Lookup(Positions(tokens));
        return Token.Project(Final.Forward(Blocks.Forward(x)));
    }
}
