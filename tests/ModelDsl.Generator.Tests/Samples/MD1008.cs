[Model]
public partial record Regression(int Inputs = 8)
{
    [Weight("4", "1")] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => MatMul(Reshape(x, [-1, 4]), Weight); // MD1008

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape("1")] Tensor y) => MeanAll(Forward(x)) - MeanAll(y);
}
