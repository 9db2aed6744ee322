[Layer]
public partial record Shrink(float Factor)
{
    public Tensor Forward(Tensor x) => MathF.Cbrt(Factor) * x; // MD0203
}
