[Model]
public partial record Regression(int Features = 8, int Groups = 2)
{
    private int Size => Features / (Groups - Groups); // MD1006

    [Weight(nameof(Features), nameof(Size))] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Size))] Tensor y) => MeanSquaredError(Forward(x), y);
}
