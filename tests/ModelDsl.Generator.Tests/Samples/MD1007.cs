[Layer]
public partial record Scale(int Width, float Start)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x) => x * Factor * MathF.Floor(Start); // MD1007
}

[Model]
public partial record Regression(int Inputs = 8, int Layers = 4)
{
    public Repeat<Scale> Scales => new(Layers, layer => new(Inputs, 1f / (layer + 1)));

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => Scales.Forward(x);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape(nameof(Inputs))] Tensor y) => MeanSquaredError(Forward(x), y);
}
