[Model]
public partial record Regression(int Inputs = 8, int Outputs = 0)
{
    [Weight(nameof(Inputs), nameof(Outputs))] public partial Tensor Weight { get; } // MD1004

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape(nameof(Outputs))] Tensor y) => MeanSquaredError(Forward(x), y);
}
