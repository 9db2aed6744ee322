[Layer]
public partial record Power(int Times)
{
    public Tensor Forward(Tensor x)
    {
        Tensor y = x;
        for (int i = 0; i < Times; i++) y = y * x; // MD0202
        return y;
    }
}
