namespace ModelDsl.Layers;

/// <summary>A gated MLP with SiLU (Shazeer, 2020): [..., Width] to the same, through Hidden.</summary>
[Layer]
public partial record SwiGlu(int Width, int Hidden, bool UseBias = false)
{
    public Linear Gate => new(Width, Hidden, UseBias);
    public Linear Up => new(Width, Hidden, UseBias);
    public ResidualLinear Down => new(Hidden, Width, UseBias);

    public Tensor Forward(Tensor x) => Down.Forward(Silu(Gate.Forward(x)) * Up.Forward(x));
}
