using ModelDsl;
using static ModelDsl.Ops;

namespace Examples;

[Layer]
public partial record Embedding(int Count, int Width)
{
    [Weight(nameof(Count), nameof(Width))] public partial Tensor Table { get; }

    public Tensor Forward(Tokens tokens) => Lookup(Table, tokens);

    public Tensor Project(Tensor x) => MatMul(x, Transpose(Table, [1, 0]));
}

[Layer]
public partial record LayerNorm(int Width, float Eps = 1e-5f)
{
    [Weight(nameof(Width), Init = Init.Ones)] public partial Tensor Scale { get; }
    [Weight(nameof(Width), Init = Init.Zeros)] public partial Tensor Shift { get; }

    public Tensor Forward(Tensor x)
    {
        Tensor centred = x - Mean(x);
        return centred * Rsqrt(Mean(centred * centred) + Eps) * Scale + Shift;
    }
}

[Layer]
public partial record Linear(int Inputs, int Outputs, bool Bias = true)
{
    [Weight(nameof(Inputs), nameof(Outputs))] public partial Tensor Weight { get; }
    [Weight(nameof(Outputs), Init = Init.Zeros)] public partial Tensor Offset { get; }

    public Tensor Forward(Tensor x) => Bias ? MatMul(x, Weight) + Offset : MatMul(x, Weight);
}

[Layer]
internal partial record Gpt2Block(int Width, int Heads)
{
    public LayerNorm Before => new(Width);
    public Linear Mix => new(Width, 3 * Width);
    [Weight(nameof(Width), nameof(Width), Init = Init.Residual)] private partial Tensor Out { get; }
    public LayerNorm Between => new(Width);
    public Linear Up => new(Width, 4 * Width);
    [Weight("4 * Width", nameof(Width), Init = Init.Residual, Decay = Decay.Always)] public partial Tensor Down { get; }

    public Tensor Forward(Tensor x)
    {
        x += MatMul(Attend(Before.Forward(x)), Out);
        return x + MatMul(Gelu(Up.Forward(Between.Forward(x)), tanh: true), Down);
    }

    private Tensor Attend(Tensor x)
    {
        Tensor mixed = Mix.Forward(x);
        var (q, k, v) = (Head(mixed, 0), Head(mixed, 1), Head(mixed, 2));
        return MergeHeads(Attention(q, k, v, scale: 1 / MathF.Sqrt(Width / Heads)));
    }

    private Tensor Head(Tensor mixed, int part) => SplitHeads(Slice(mixed, part * Width, Width), Heads);
}

[Model]
public partial record Gpt2(int Vocab = 50257, int Context = 1024, int Width = 768, int Layers = 12, int Heads = 12)
{
    public Embedding Token => new(Vocab, Width);
    public Embedding Position => new(Context, Width);
    internal Repeat<Gpt2Block> Blocks => new(Layers, layer => new(Width, Heads));
    public LayerNorm Final => new(Width);

    [Preset] public static Gpt2 Medium => new(Width: 1024, Layers: 24, Heads: 16);

    public Tensor Forward([Limit(nameof(Vocab))] Tokens tokens)
    {
        Tensor x = Token.Forward(tokens) + Position.Forward(Positions(tokens));
        return Token.Project(Final.Forward(Blocks.Forward(x)));       // tied head
    }
}
