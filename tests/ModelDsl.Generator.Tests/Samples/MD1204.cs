[Model]
public partial record Regression(int Features = 8)
{
    [Weight(nameof(Features), "1")] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => MatMul(x, Weight); // MD1204
}
