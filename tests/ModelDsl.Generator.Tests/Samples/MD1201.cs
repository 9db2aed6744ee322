[Model]
public partial record Regression(bool Negative, int Features = 8) // MD1201
{
    [Weight(nameof(Features), "1")] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => Negative ? -MatMul(x, Weight) : MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape("1")] Tensor y) => MeanSquaredError(Forward(x), y);
}
