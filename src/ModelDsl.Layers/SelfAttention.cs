namespace ModelDsl.Layers;

/// <summary>
/// Multi-head attention (Vaswani et al., 2017) with one joint projection, without rotary positions: [B, T, Width] to the
/// same. If causal, it is GPT-2's; otherwise that of encoders and vision transformers.
/// </summary>
/// <param name="Causal">Whether a token attends only to itself and earlier tokens.</param>
/// <param name="UseBias">Whether the projections have biases.</param>
[Layer]
public partial record SelfAttention(int Width, int Heads, bool Causal = true, bool UseBias = true)
{
    public Linear QueryKeyValue => new(Width, 3 * Width, UseBias);
    public ResidualLinear Output => new(Width, Width, UseBias);

    public Tensor Forward(Tensor x)
    {
        var (query, key, value) = Split3(QueryKeyValue.Forward(x));
        Tensor mixed = Attention(SplitHeads(query, Heads), SplitHeads(key, Heads), SplitHeads(value, Heads), causal: Causal);
        return Output.Forward(MergeHeads(mixed));
    }
}
