namespace Examples.VisionTransformer;

/// <summary>One layer of the encoder.</summary>
[Layer]
public partial record EncoderBlock(int Width, int Heads)
{
    public LayerNorm AttentionNorm => new(Width);
    public SelfAttention Attention => new(Width, Heads, Causal: false);
    public LayerNorm MlpNorm => new(Width);
    public GeluMlp Mlp => new(Width, 4 * Width);

    public Tensor Forward(Tensor x)
    {
        x += Attention.Forward(AttentionNorm.Forward(x));
        return x + Mlp.Forward(MlpNorm.Forward(x));
    }
}

/// <summary>
/// A small vision transformer (Dosovitskiy et al., 2021) with mean pooling: images [B, Channels, Side, Side] to a score for
/// each class.
/// </summary>
[Model]
public partial record VisionTransformer(
    int Side = 28, int Channels = 1, int Patch = 7, int Width = 64, int Layers = 4, int Heads = 4, int Classes = 10)
{
    private int Squares => (Side / Patch) * (Side / Patch);

    public PatchEmbedding Patches => new(Channels, Patch, Width);
    [Weight(nameof(Squares), nameof(Width))] public partial Tensor Position { get; }
    public Repeat<EncoderBlock> Blocks => new(Layers, layer => new(Width, Heads));
    public LayerNorm Final => new(Width);
    public Linear Head => new(Width, Classes);

    public Tensor Forward([Shape(nameof(Channels), nameof(Side), nameof(Side))] Tensor image)
    {
        Tensor x = Blocks.Forward(Patches.Forward(image) + Position);
        return Head.Forward(Mean(Final.Forward(x), axis: 1, keep: false));
    }

    public Tensor Loss([Shape(nameof(Channels), nameof(Side), nameof(Side))] Tensor image, [Limit(nameof(Classes))] Labels label) =>
        CrossEntropy(Forward(image), label);
}
