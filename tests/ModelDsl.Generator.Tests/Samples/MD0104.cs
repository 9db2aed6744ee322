public record Block(int Width)
{
    public Tensor Forward(Tensor x) => x * Width;
}

[Layer]
public partial record Stack(int Layers, int Width)
{
    public Repeat<Block> Blocks => new(Layers, layer => new(Width)); // MD0104

    public Tensor Forward(Tensor x) => Blocks.Forward(x);
}
