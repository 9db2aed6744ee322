namespace ModelDsl.Layers;

/// <summary>Normalises the last axis to mean 0 and variance 1 (Ba et al., 2016), then scales and shifts it: [..., Width] to the same.</summary>
/// <param name="UseBias">Whether the result is shifted.</param>
[Layer]
public partial record LayerNorm(int Width, float Eps = 1e-5f, bool UseBias = true)
{
    [Weight(nameof(Width), Init = Init.Ones)] public partial Tensor Scale { get; }

    [Weight(nameof(Width), Init = Init.Zeros)] public partial Tensor Bias { get; }

    public Tensor Forward(Tensor x)
    {
        Tensor mean = Mean(x);
        Tensor centred = x - mean;
        Tensor rstd = Rsqrt(Mean(centred * centred) + Eps);
        Tensor normalised = centred * rstd;
        Tensor y = normalised * Scale;
        return UseBias ? y + Bias : y;
    }
}
