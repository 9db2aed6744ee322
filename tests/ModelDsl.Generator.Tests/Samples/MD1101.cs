[Layer]
public partial record Scale(int Width, bool Negative)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x) => Negative ? -x * Factor : x * Factor;
}

[Model]
public partial record Regression(int Inputs = 8, int Layers = 4)
{
    public Repeat<Scale> Scales => new(Layers, layer => new(Inputs, layer % 2 == 0)); // MD1101

    public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => Scales.Forward(x);

    public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape(nameof(Inputs))] Tensor y) => MeanSquaredError(Forward(x), y);
}
