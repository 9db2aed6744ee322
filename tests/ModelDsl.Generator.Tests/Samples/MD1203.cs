[Model]
public partial record Regression(int Inputs = 8)
{
    [Weight(nameof(Inputs), "1")] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape("1")] Tensor y) => Abs(Forward(x) - y); // MD1203
}
