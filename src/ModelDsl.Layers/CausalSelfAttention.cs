namespace ModelDsl.Layers;

/// <summary>
/// The attention of GPT-2 (Radford et al., 2019): as many key heads as query heads, one joint projection, no rotary
/// positions. [B, T, Width] to the same; each token sees itself and those before.
/// </summary>
[Layer]
public partial record CausalSelfAttention(int Width, int Heads, bool UseBias = true)
{
    public Linear QueryKeyValue => new(Width, 3 * Width, UseBias);
    public ResidualLinear Output => new(Width, Width, UseBias);

    public Tensor Forward(Tensor x)
    {
        var (query, key, value) = Split3(QueryKeyValue.Forward(x));
        Tensor mixed = Attention(SplitHeads(query, Heads), SplitHeads(key, Heads), SplitHeads(value, Heads));
        return Output.Forward(MergeHeads(mixed));
    }
}
