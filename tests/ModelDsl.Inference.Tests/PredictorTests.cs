using Examples.Classifier;
using ModelDsl.Inference.Tests.Support;

namespace ModelDsl.Inference.Tests;

/// <summary>Forward of whole batches. Logits of tokens are compared with decoding in <see cref="DecodingTests"/>.</summary>
public sealed class PredictorTests : IDisposable
{
    private readonly Device _device = Device.Cpu(2);
    private readonly Classifier _model = new(Pixels: 12, Hidden: 9, Classes: 4);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void AClassifierPredictsWhatItsLayersSay()
    {
        using var weights = _model.Weights(_device);
        using var predictor = _model.CreatePredictor(weights);
        float[] images = [.. Enumerable.Range(0, 3 * 12).Select(i => MathF.Sin(i))];
        float[] scores = predictor.Run(images).ToArray();
        Assert.Equal(3 * 4, scores.Length);
        for (int image = 0; image < 3; image++)
        {
            double[] x = [.. images.Skip(12 * image).Take(12).Select(v => (double)v)];
            x = Linear(weights, "Leave", Relu(Linear(weights, "Middle", Relu(Linear(weights, "Enter", x)))));
            // Thirty products and sums, half an ulp each, of values up to three.
            for (int i = 0; i < 4; i++) Assert.Equal(x[i], scores[4 * image + i], 1e-5);
        }
    }

    [Fact]
    public void BatchesOfAnySizeFollowOneAnother()
    {
        using var weights = _model.Weights(_device);
        using var predictor = _model.CreatePredictor(weights);
        float[] images = [.. Enumerable.Range(0, 5 * 12).Select(i => MathF.Cos(i))];
        float[] all = predictor.Run(images).ToArray();
        for (int i = 0; i < 5; i++) Assert.Equal(all.AsSpan(4 * i, 4).ToArray(), predictor.Run(images.AsSpan(12 * i, 12)).ToArray(), (a, b) => Math.Abs(a - b) <= 1e-5);
        Assert.Equal(all, predictor.Run(images).ToArray());
    }

    [Fact]
    public void HalfAnExampleIsAnError()
    {
        using var weights = _model.Weights(_device);
        using var predictor = _model.CreatePredictor(weights);
        Assert.Contains("which have 12", Assert.Throws<ArgumentException>(() => predictor.Run(new float[18])).Message);
    }

    [Fact]
    public void TokensNeedABatch()
    {
        using var weights = TestModels.Any.Weights(_device);
        using var predictor = TestModels.Any.CreatePredictor(weights);
        Assert.Contains("fill a batch", Assert.Throws<ArgumentException>(() => predictor.Run(new float[18])).Message);
    }

    private static double[] Linear(WeightStore weights, string layer, double[] x)
    {
        float[] w = weights[$"{layer}.Weight"].ToArray(), b = weights[$"{layer}.Bias"].ToArray();
        return [.. b.Select((bias, row) => bias + x.Select((v, i) => v * w[row * x.Length + i]).Sum())];
    }

    private static double[] Relu(double[] x) => [.. x.Select(v => Math.Max(0, v))];
}
