[Layer]
public partial record Up(int Width)
{
    [Weight(nameof(Width), "4 * Widht")] public partial Tensor Weight { get; } // MD0102

    public Tensor Forward(Tensor x) => MatMul(x, Weight);
}
