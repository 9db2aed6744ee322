[Layer]
public partial record Scale(int Width)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x, Tensor mask) => x + x * Factor * mask;
}

[Model]
public partial record Regression(int Features = 8, int Layers = 4)
{
    public Repeat<Scale> Scales => new(Layers, layer => new(Features));

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => Scales.Forward(x); // MD1104

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Features))] Tensor y) => MeanSquaredError(Forward(x), y);
}
