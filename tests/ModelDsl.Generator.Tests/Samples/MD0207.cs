[Layer]
public partial record Scale(float Factor)
{
    public float Extra { get; init; } = 1;

    public Tensor Forward(Tensor x) => (Factor + Extra) * x; // MD0207
}
