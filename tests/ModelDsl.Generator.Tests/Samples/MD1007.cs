[Layer]
public partial record Scale(int Width, float Start)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x) => x * Factor * MathF.Floor(Start); // MD1007
}

[Model]
public partial record Regression(int Features = 8, int Layers = 4)
{
    public Repeat<Scale> Scales => new(Layers, layer => new(Features, 1f / (layer + 1)));

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => Scales.Forward(x);

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Features))] Tensor y) => MeanSquaredError(Forward(x), y);
}
