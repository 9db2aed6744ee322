[Model]
public partial record Regression(int Features = 8)
{
    [Weight(nameof(Features), "1")] public partial Tensor Weight { get; }

    public float Forward([Shape(nameof(Features))] Tensor x) => Features; // MD1202

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape("1")] Tensor y) => MeanSquaredError(MatMul(x, Weight), y);
}
