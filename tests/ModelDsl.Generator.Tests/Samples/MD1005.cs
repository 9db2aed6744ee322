[Layer]
public partial record Scale(int Width)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; } // MD1005

    public Tensor Forward(Tensor x) => x * Factor;
}

[Model]
public partial record Regression(int Inputs = 8, int Layers = 4)
{
    public Repeat<Scale> Scales => new(Layers, layer => new(Inputs + layer));

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => Scales.Forward(x);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape(nameof(Inputs))] Tensor y) => MeanSquaredError(Forward(x), y);
}
