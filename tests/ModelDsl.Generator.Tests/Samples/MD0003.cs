[Layer]
public partial record Scaled(string Name, float Factor) // MD0003
{
    public Tensor Forward(Tensor x) => Factor * x;
}
