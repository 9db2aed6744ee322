namespace ModelDsl.Runtime.Tests.Training;

/// <summary>
/// A program written by hand: logits = Table[token] + Bias, mean cross-entropy over the targets that are not negative.
/// Scalar and in a fixed order; <paramref name="extra"/> are hyperparameters that mean nothing.
/// </summary>
internal sealed unsafe class BigramProgram(int vocabulary, string model = "Bigram", string extra = "") : ModelProgram
{
    public override string ModelName => model;

    public override string Hyperparameters => $"Vocab={vocabulary}{extra}";

    public override IReadOnlyList<WeightInfo> Weights { get; } =
    [
        new("Table", [vocabulary, vocabulary], 0, Init.Normal, 0.02f, 1, Decay: true),
        new("Bias", [vocabulary], vocabulary * vocabulary, Init.Zeros, 0, 1, Decay: false),
    ];

    public override IReadOnlyList<InputInfo> Inputs { get; } =
    [
        new("tokens", InputKind.Int32, PerToken: true, [], vocabulary),
        new("targets", InputKind.Int32, PerToken: true, [], vocabulary),
    ];

    /// <summary>What the next calls of Train return instead of the loss, for tests of divergence.</summary>
    public float? PretendLoss { get; set; }

    /// <summary>Written over the first gradient.</summary>
    public float? PretendGradient { get; set; }

    public override long ScratchBytes(int batch, int length) => vocabulary * sizeof(float);

    public override double StepFlops(int batch, int length) => 6.0 * batch * length * vocabulary;

    public override float Train(Device device, in StepBuffers buffers, bool accumulate, float gradientScale)
    {
        if (!accumulate)
            new Span<float>(buffers.Gradients, vocabulary * (vocabulary + 1)).Clear();
        float loss = Run(buffers, buffers.Gradients, gradientScale);
        if (PretendGradient is { } gradient)
            buffers.Gradients[0] = gradient;
        return PretendLoss ?? loss;
    }

    public override float Evaluate(Device device, in StepBuffers buffers) => Run(buffers, null, 0);

    private float Run(in StepBuffers buffers, float* gradients, float scale)
    {
        int* tokens = (int*)buffers.Inputs[0], targets = (int*)buffers.Inputs[1];
        int positions = buffers.Batch * buffers.Length, counted = 0;
        for (int t = 0; t < positions; t++)
            counted += targets[t] >= 0 ? 1 : 0;
        double loss = 0;
        for (int t = 0; t < positions; t++)
        {
            if (targets[t] < 0)
                continue;
            float* row = buffers.Weights + tokens[t] * vocabulary, bias = buffers.Weights + vocabulary * vocabulary;
            double sum = 0;
            for (int v = 0; v < vocabulary; v++)
                sum += ((float*)buffers.Scratch)[v] = MathF.Exp(row[v] + bias[v]);
            loss += Math.Log(sum) - row[targets[t]] - bias[targets[t]];
            if (gradients is null)
                continue;
            for (int v = 0; v < vocabulary; v++)
            {
                float gradient = (float)(((float*)buffers.Scratch)[v] / sum - (v == targets[t] ? 1 : 0)) * scale / counted;
                gradients[tokens[t] * vocabulary + v] += gradient;
                gradients[vocabulary * vocabulary + v] += gradient;
            }
        }
        return (float)(loss / counted);
    }
}
