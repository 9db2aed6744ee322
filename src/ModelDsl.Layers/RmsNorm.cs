namespace ModelDsl.Layers;

/// <summary>Divides by the root mean square of the last axis (Zhang and Sennrich, 2019), then scales: [..., Width] to the same.</summary>
[Layer]
public partial record RmsNorm(int Width, float Eps = 1e-5f)
{
    [Weight(nameof(Width), Init = Init.Ones)] public partial Tensor Scale { get; }

    public Tensor Forward(Tensor x)
    {
        Tensor rstd = Rsqrt(Mean(x * x) + Eps);
        Tensor normalised = x * rstd;
        return normalised * Scale;
    }
}
