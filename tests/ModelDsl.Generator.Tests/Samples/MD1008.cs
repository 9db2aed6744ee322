[Model]
public partial record Regression(int Features = 8)
{
    [Weight("4", "1")] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => MatMul(Reshape(x, [-1, 4]), Weight); // MD1008

    public Tensor Loss([Shape(nameof(Features))] Tensor x) => MeanAll(Abs(Forward(x)));
}
