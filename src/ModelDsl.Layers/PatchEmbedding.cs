namespace ModelDsl.Layers;

/// <summary>
/// Turns an image into a sequence of vectors (Dosovitskiy et al., 2021): [B, Channels, H, W] to [B, N, Width], one for each square
/// of Patch x Patch, row by row.
/// </summary>
/// <param name="Patch">The side of a square; it divides H and W.</param>
[Layer]
public partial record PatchEmbedding(int Channels, int Patch, int Width, bool UseBias = true)
{
    public Linear Projection => new(Channels * Patch * Patch, Width, UseBias);

    public Tensor Forward(Tensor image) => Projection.Forward(Patches(image, Patch));
}
