[Layer]
public partial record Scale(float Factor)
{
    public Tensor Forward(Tensor x) => Again(x); // MD0108

    private Tensor Again(Tensor x) => Factor * Forward(x); // MD0108
}
