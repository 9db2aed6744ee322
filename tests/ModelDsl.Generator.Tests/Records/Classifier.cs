using ModelDsl;
using static ModelDsl.Ops;

namespace Examples;

public enum Activation { Tanh, Sigmoid, None }

[Layer]
public partial record Dense(int Inputs, int Outputs, Activation Activation = Activation.None, bool Bias = true)
{
    [Weight(nameof(Inputs), nameof(Outputs), Init = Init.XavierUniform)] public partial Tensor Weight { get; }
    [Weight(nameof(Outputs), Init = Init.Zeros, Decay = Decay.Never)] internal partial Tensor Offset { get; }

    public Tensor Forward(Tensor x)
    {
        Tensor y = MatMul(x, Weight);
        if (Bias) y += Offset;
        return Activation switch
        {
            Activation.Tanh => Tanh(y),
            Activation.Sigmoid => Sigmoid(y),
            _ => y,
        };
    }
}

[Layer]
internal sealed partial record Residual(int Width, float Scale)
{
    public Dense Inner => new(Width, Width, Activation.Tanh);

    public Tensor Forward(Tensor x) => x + Scale * Inner.Forward(x);
}

[Model]
public partial record Classifier(int Pixels = 784, int Width = 128, int Layers = 2, int Classes = 10)
{
    private int Hidden => 4 * Width / 2;

    public Dense Enter => new(Pixels, Hidden, Activation: Activation.Tanh);
    internal Repeat<Residual> Stack => new(Layers, layer => new(Hidden, 1f / (layer + 1)));
    public Dense Leave => new(Hidden, Classes, Bias: false);

    [Preset] public static Classifier Wide => new(Width: 1024);

    public Tensor Forward([Shape(nameof(Pixels))] Tensor image) => Leave.Forward(Stack.Forward(Enter.Forward(image)));

    public Tensor Loss([Shape(nameof(Pixels))] Tensor image, [Limit(nameof(Classes))] Labels labels)
    {
        var (logits, shifted) = Centre(Forward(image));
        _ = logits;
        return SumAll(shifted) / MathF.Sqrt(Classes);
    }

    private (Tensor, Tensor) Centre(Tensor x) => (x, x - Max(x));
}
