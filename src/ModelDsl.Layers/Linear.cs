namespace ModelDsl.Layers;

/// <summary>An affine map: [..., Inputs] to [..., Outputs].</summary>
/// <param name="UseBias">Whether a bias is added.</param>
[Layer]
public partial record Linear(int Inputs, int Outputs, bool UseBias = true)
{
    [Weight(nameof(Outputs), nameof(Inputs))] public partial Tensor Weight { get; }

    [Weight(nameof(Outputs), Init = Init.Zeros)] public partial Tensor Bias { get; }

    public Tensor Forward(Tensor x) => UseBias ? Linear(x, Weight, Bias) : Linear(x, Weight);
}
