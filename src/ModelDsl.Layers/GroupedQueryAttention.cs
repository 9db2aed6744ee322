namespace ModelDsl.Layers;

/// <summary>
/// Self-attention with rotary positions and fewer key and value heads than query heads (Ainslie et al., 2023), as the Llama
/// family uses it. [B, T, Width] to the same.
/// </summary>
/// <param name="KeyHeads">Number of key and value heads; it divides Heads.</param>
/// <param name="HeadWidth">Elements of a head, usually Width / Heads.</param>
/// <param name="Rotary">The layout of rotary positions.</param>
/// <param name="Theta">The base of the rotary frequencies.</param>
/// <param name="RotaryWidth">How many elements of a head are rotated; 0 means all.</param>
/// <param name="Window">How many positions a token attends to, its own included; 0 means no limit.</param>
/// <param name="QueryKeyNorm">Whether queries and keys are normalised head by head before they are rotated.</param>
/// <param name="SoftCap">Bound of the scores, applied by tanh; 0 means none.</param>
/// <param name="Scale">Factor of the scores; 0 means 1 / sqrt(HeadWidth).</param>
/// <param name="UseBias">Whether queries, keys and values have biases.</param>
/// <param name="UseOutputBias">Whether the output projection has a bias.</param>
/// <param name="Causal">Whether a token attends only to itself and earlier tokens.</param>
[Layer]
public partial record GroupedQueryAttention(
    int Width, int Heads, int KeyHeads, int HeadWidth,
    Rotary Rotary = Rotary.Halves, float Theta = 10000f, int RotaryWidth = 0, int Window = 0,
    bool QueryKeyNorm = false, float SoftCap = 0f, float Scale = 0f,
    bool UseBias = false, bool UseOutputBias = false, bool Causal = true, float Eps = 1e-5f)
{
    public Linear Query => new(Width, Heads * HeadWidth, UseBias);
    public Linear Key => new(Width, KeyHeads * HeadWidth, UseBias);
    public Linear Value => new(Width, KeyHeads * HeadWidth, UseBias);
    public ResidualLinear Output => new(Heads * HeadWidth, Width, UseOutputBias);
    public RmsNorm QueryNorm => new(HeadWidth, Eps);
    public RmsNorm KeyNorm => new(HeadWidth, Eps);

    public Tensor Forward(Tensor x)
    {
        Tensor query = SplitHeads(Query.Forward(x), Heads);
        Tensor key = SplitHeads(Key.Forward(x), KeyHeads);
        Tensor value = SplitHeads(Value.Forward(x), KeyHeads);
        if (QueryKeyNorm)
        {
            query = QueryNorm.Forward(query);
            key = KeyNorm.Forward(key);
        }
        if (Rotary != Rotary.None)
        {
            query = Turn(query);
            key = Turn(key);
        }
        Tensor mixed = Attention(query, key, value, causal: Causal, window: Window, scale: Scale, softCap: SoftCap);
        return Output.Forward(MergeHeads(mixed));
    }

    private Tensor Turn(Tensor x) => Rotary == Rotary.Neighbours
        ? Rope(x, Positions(x), Theta, interleaved: true, rotary: RotaryWidth)
        : Rope(x, Positions(x), Theta, interleaved: false, rotary: RotaryWidth);
}
