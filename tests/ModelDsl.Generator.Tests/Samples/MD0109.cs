[Layer]
public partial record Scale(float Factor)
{
    public Tensor Forward(Tensor x, double extra) => Factor * x; // MD0109
}
