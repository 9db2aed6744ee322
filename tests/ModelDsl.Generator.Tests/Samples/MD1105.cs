[Layer]
public partial record Scale(int Width)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x) => x * Factor;
}

[Model]
public partial record Regression(int Inputs = 8, int Layers = 4)
{
    public Repeat<Repeat<Scale>> Scales => new(Layers, outer => new(2, inner => new(Inputs))); // MD1105

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => Scales.Forward(x);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape(nameof(Inputs))] Tensor y) => MeanSquaredError(Forward(x), y);
}
