[Model]
public partial record Regression(int Features = 8)
{
    [Weight(nameof(Features), "1")] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape("1")] Tensor y) => Abs(Forward(x) - y); // MD1203
}
