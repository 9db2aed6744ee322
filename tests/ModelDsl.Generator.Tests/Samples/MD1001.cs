[Model]
public partial record Classifier(int Pixels = 784, int Width = 128, int Classes = 10)
{
    [Weight(nameof(Width), nameof(Pixels))] public partial Tensor Up { get; }
    [Weight(nameof(Width), nameof(Classes))] public partial Tensor Down { get; }

    public Tensor Forward([Shape(nameof(Pixels))] Tensor image) => MatMul(Relu(MatMul(image, Up)), Down); // MD1001

    public Tensor Loss([Shape(nameof(Pixels))] Tensor image, [Limit(nameof(Classes))] Labels labels) =>
        CrossEntropy(Forward(image), labels);
}
