namespace ModelDsl.Runtime.Tests.Training;

/// <summary>A program without tokens: the mean of (x . Slope + Offset - y)^2 over float inputs x [B, 3] and y [B].</summary>
internal sealed unsafe class LineProgram : ModelProgram
{
    private const int Width = 3;

    public override string ModelName => "Line";

    public override string Hyperparameters => "";

    public override IReadOnlyList<WeightInfo> Weights { get; } =
    [
        new("Slope", [Width], 0, Init.Zeros, 0, 1, Decay: false), new("Offset", [1], Width, Init.Zeros, 0, 1, Decay: false),
    ];

    public override IReadOnlyList<InputInfo> Inputs { get; } =
    [
        new("x", InputKind.Float32, PerToken: false, [Width], 0), new("y", InputKind.Float32, PerToken: false, [], 0),
    ];

    public override long ScratchBytes(int batch, int length) => 0;

    public override double StepFlops(int batch, int length) => 12.0 * batch;

    public override float Train(Device device, in StepBuffers buffers, bool accumulate, float gradientScale)
    {
        if (!accumulate)
            new Span<float>(buffers.Gradients, Width + 1).Clear();
        return Run(buffers, buffers.Gradients, gradientScale);
    }

    public override float Evaluate(Device device, in StepBuffers buffers) => Run(buffers, null, 0);

    private static float Run(in StepBuffers buffers, float* gradients, float scale)
    {
        float* x = (float*)buffers.Inputs[0], y = (float*)buffers.Inputs[1];
        float loss = 0;
        for (int b = 0; b < buffers.Batch; b++)
        {
            float error = buffers.Weights[Width] - y[b];
            for (int i = 0; i < Width; i++)
                error += x[b * Width + i] * buffers.Weights[i];
            loss += error * error / buffers.Batch;
            if (gradients is null)
                continue;
            for (int i = 0; i < Width; i++)
                gradients[i] += scale * 2 * error * x[b * Width + i] / buffers.Batch;
            gradients[Width] += scale * 2 * error / buffers.Batch;
        }
        return loss;
    }
}
