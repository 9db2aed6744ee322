[Layer]
public partial record Twice(int Width)
{
    public Library.Scale Scale => new(Width); // MD0106

    public Tensor Forward(Tensor x) => Scale.Forward(Scale.Forward(x));
}
