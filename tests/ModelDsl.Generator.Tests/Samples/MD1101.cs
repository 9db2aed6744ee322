[Layer]
public partial record Scale(int Width, bool Negative)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x) => Negative ? -x * Factor : x * Factor;
}

[Model]
public partial record Regression(int Features = 8, int Layers = 4)
{
    public Repeat<Scale> Scales => new(Layers, layer => new(Features, layer % 2 == 0)); // MD1101

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => Scales.Forward(x);

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Features))] Tensor y) => MeanSquaredError(Forward(x), y);
}
