namespace ModelDsl.Layers;

/// <summary>A gated MLP with GELU (Shazeer, 2020): [..., Width] to the same, through Hidden.</summary>
/// <param name="Tanh">Uses GELU's tanh approximation, as Gemma does, instead of the error function.</param>
[Layer]
public partial record GeGlu(int Width, int Hidden, bool UseBias = false, bool Tanh = true)
{
    public Linear Gate => new(Width, Hidden, UseBias);
    public Linear Up => new(Width, Hidden, UseBias);
    public ResidualLinear Down => new(Hidden, Width, UseBias);

    public Tensor Forward(Tensor x) => Down.Forward(Gelu(Gate.Forward(x), Tanh) * Up.Forward(x));
}
