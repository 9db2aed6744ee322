namespace ModelDsl.Layers;

/// <summary>An MLP of one hidden layer with GELU (Hendrycks and Gimpel, 2016): [..., Width] to the same, through Hidden.</summary>
/// <param name="Tanh">Uses GELU's tanh approximation, as GPT-2 does, instead of the error function.</param>
[Layer]
public partial record GeluMlp(int Width, int Hidden, bool UseBias = true, bool Tanh = false)
{
    public Linear Up => new(Width, Hidden, UseBias);
    public ResidualLinear Down => new(Hidden, Width, UseBias);

    public Tensor Forward(Tensor x) => Down.Forward(Gelu(Up.Forward(x), Tanh));
}
