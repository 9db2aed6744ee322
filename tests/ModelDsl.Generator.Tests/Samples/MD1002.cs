[Model]
public partial record Regression(int Features = 8)
{
    [Weight(nameof(Features))] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => MatMul(x, Weight); // MD1002

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape("1")] Tensor y) => MeanSquaredError(Forward(x), y);
}
