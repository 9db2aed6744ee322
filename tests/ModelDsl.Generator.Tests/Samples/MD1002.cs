[Model]
public partial record Regression(int Inputs = 8)
{
    [Weight(nameof(Inputs))] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => MatMul(x, Weight); // MD1002

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape("1")] Tensor y) => MeanSquaredError(Forward(x), y);
}
