[Layer]
public partial record Scale(float Factor)
{
    public Tensor Forward(Tensor x) => Factor * x;

    public Tensor Forward(Tensor x, Tensor gate) => Factor * x * gate; // MD0107
}
