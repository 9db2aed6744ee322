namespace Examples.Autoencoder;

/// <summary>
/// A variational autoencoder (Kingma and Welling, 2014) of images [B, Pixels] in [0, 1]: it encodes an image as Code numbers that are
/// normally distributed, and decodes them.
/// </summary>
[Model]
public partial record VariationalAutoencoder(int Pixels = 784, int Hidden = 256, int Code = 16)
{
    public Linear Encoder => new(Pixels, Hidden);
    public Linear Mean => new(Hidden, Code);
    public Linear LogVariance => new(Hidden, Code);
    public Linear Decoder => new(Code, Hidden);
    public Linear Image => new(Hidden, Pixels);

    /// <summary>The logits of the image decoded from the code's mean.</summary>
    public Tensor Forward([Shape(nameof(Pixels))] Tensor image) => Decode(Mean.Forward(Encode(image)));

    /// <summary>The negative evidence lower bound of an image.</summary>
    public Tensor Loss([Shape(nameof(Pixels))] Tensor image)
    {
        Tensor features = Encode(image);
        Tensor mean = Mean.Forward(features);
        Tensor logVariance = LogVariance.Forward(features);
        Tensor code = mean + Exp(0.5f * logVariance) * RandomNormal(mean);
        Tensor divergence = 0.5f * Sum(mean * mean + Exp(logVariance) - logVariance - 1f);
        return Pixels * BinaryCrossEntropy(Decode(code), image) + MeanAll(divergence);
    }

    private Tensor Encode(Tensor image) => Relu(Encoder.Forward(image));

    private Tensor Decode(Tensor code) => Image.Forward(Relu(Decoder.Forward(code)));
}
