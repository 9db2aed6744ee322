[Model]
public partial record Regression(bool Negative, int Inputs = 8) // MD1201
{
    [Weight(nameof(Inputs), "1")] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => Negative ? -MatMul(x, Weight) : MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape("1")] Tensor y) => MeanSquaredError(Forward(x), y);
}
