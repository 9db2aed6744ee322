[Model]
public partial record Regression(int Features = 8)
{
    public int Huge => Features * 1_000_000_000 * 1_000_000_000 * 1_000_000_000; // MD1009
    [Weight(nameof(Huge))] public partial Tensor Factor { get; }

    public Tensor Forward([Shape(nameof(Features))] Tensor x) => x * SumAll(Factor);

    public Tensor Loss([Shape(nameof(Features))] Tensor x, [Shape(nameof(Features))] Tensor y) => MeanSquaredError(Forward(x), y);
}
