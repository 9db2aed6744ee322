[Layer]
public partial record Scale(int Width)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x) => Concat(x, x * Factor);
}

[Model]
public partial record Regression(int Features = 8, int Layers = 4)
{
    public Repeat<Scale> Scales => new(Layers, layer => new(Features));

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => Scales.Forward(x); // MD1102

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Features))] Tensor y) => MeanSquaredError(Forward(x), y);
}
