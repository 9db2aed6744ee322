[Model]
public partial record Regression(int Inputs = 8, int Groups = 2)
{
    private int Size => Inputs / (Groups - Groups); // MD1006

    [Weight(nameof(Inputs), nameof(Size))] public partial Tensor Weight { get; }

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => MatMul(x, Weight);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape(nameof(Size))] Tensor y) => MeanSquaredError(Forward(x), y);
}
