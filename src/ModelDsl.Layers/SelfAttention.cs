namespace ModelDsl.Layers;

/// <summary>Attention of every token to every other, as encoders and vision transformers have it: [B, N, Width] to the same.</summary>
[Layer]
public partial record SelfAttention(int Width, int Heads, bool UseBias = true)
{
    public Linear QueryKeyValue => new(Width, 3 * Width, UseBias);
    public ResidualLinear Output => new(Width, Width, UseBias);

    public Tensor Forward(Tensor x)
    {
        var (query, key, value) = Split3(QueryKeyValue.Forward(x));
        Tensor mixed = Attention(SplitHeads(query, Heads), SplitHeads(key, Heads), SplitHeads(value, Heads), causal: false);
        return Output.Forward(MergeHeads(mixed));
    }
}
