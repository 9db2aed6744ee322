[Model]
public partial record Classifier(int Pixels = 784, int Classes = 10) // MD0004
{
    [Weight(nameof(Pixels), nameof(Classes))] public partial Tensor Weight { get; }
}
