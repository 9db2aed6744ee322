namespace ModelDsl.Layers;

/// <summary>
/// A <see cref="Linear"/> whose result is added to a residual stream: its initial weights are smaller the more layers add to the stream
/// (<see cref="Init.Residual"/>).
/// </summary>
/// <param name="UseBias">Whether a bias is added.</param>
[Layer]
public partial record ResidualLinear(int Inputs, int Outputs, bool UseBias = true)
{
    [Weight(nameof(Outputs), nameof(Inputs), Init = Init.Residual)] public partial Tensor Weight { get; }

    [Weight(nameof(Outputs), Init = Init.Zeros)] public partial Tensor Bias { get; }

    public Tensor Forward(Tensor x) => UseBias ? Linear(x, Weight, Bias) : Linear(x, Weight);
}
