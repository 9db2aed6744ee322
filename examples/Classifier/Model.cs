namespace Examples.Classifier;

/// <summary>A multilayer perceptron that classifies digits: images [B, Pixels] to a score for each class.</summary>
[Model]
public partial record Classifier(int Pixels = 784, int Hidden = 256, int Classes = 10)
{
    public Linear Enter => new(Pixels, Hidden);
    public Linear Middle => new(Hidden, Hidden);
    public Linear Leave => new(Hidden, Classes);

    public Tensor Forward([Shape(nameof(Pixels))] Tensor image) =>
        Leave.Forward(Relu(Middle.Forward(Relu(Enter.Forward(image)))));

    public Tensor Loss([Shape(nameof(Pixels))] Tensor image, [Limit(nameof(Classes))] Labels label) =>
        CrossEntropy(Forward(image), label);
}
