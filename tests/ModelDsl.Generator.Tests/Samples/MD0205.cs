[Layer]
public partial record Scale(int Layers)
{
    public Tensor Forward(Tensor x)
    {
        if (Layers > 3) x = x / 2; // MD0205
        return x;
    }
}
