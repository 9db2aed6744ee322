[Model]
public partial record Regression(int Features = 8, int Outputs = 0)
{
    [Weight(nameof(Features), nameof(Outputs))] public partial Tensor Weight { get; } // MD1004

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Outputs))] Tensor y) => MeanSquaredError(Forward(x), y);
}
