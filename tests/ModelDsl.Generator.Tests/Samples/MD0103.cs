[Layer]
public partial record Scale(int Width)
{
    [Weight(nameof(Width))] public partial Tensor Factor { get; }

    public Tensor Forward(Tensor x) => x * Factor;
}

[Layer]
public partial record Twice(int Width)
{
    public Scale Scale { get; } = new(Width); // MD0103

    public Tensor Forward(Tensor x) => Scale.Forward(Scale.Forward(x));
}
