[Model]
public partial record Halve(int Pixels = 4) // MD0900
{
    public Tensor Forward([Shape(nameof(Pixels))] Tensor x) => x / 2;

    public Tensor Loss([Shape(nameof(Pixels))] Tensor x, [Shape(nameof(Pixels))] Tensor y) => MeanSquaredError(Forward(x), y);
}
