using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Cross-entropy and its gradient in float64, with bounds for the kernel's roundings.</summary>
internal sealed class CrossEntropyReference
{
    public readonly double[] Losses, LossBounds, Gradients, GradientBounds;

    public CrossEntropyReference(double[] logits, int[] targets, int vocabulary, int stride, double scale, CrossEntropySize size)
    {
        int rows = targets.Length;
        (Losses, LossBounds, Gradients, GradientBounds) = (new double[rows], new double[rows], [.. logits], new double[logits.Length]);
        double unit = Bounds.Unit(TensorType.F32), exponential = Bounds.Function(3);
        // Steps of a thread; each may rescale its sum. Groups have at least 64 threads of four logits, 256 from 512 logits on.
        int steps = vocabulary / (vocabulary < 512 ? 256 : 1024) + 3;
        for (int row = 0; row < rows; row++)
        {
            var x = logits.AsSpan(row * stride, vocabulary);
            var gradient = Gradients.AsSpan(row * stride, vocabulary);
            var bounds = GradientBounds.AsSpan(row * stride, vocabulary);
            if (targets[row] < 0)
            {
                gradient.Clear();
                continue;
            }
            if (targets[row] >= vocabulary)
            {
                Losses[row] = double.NaN;
                gradient.Fill(double.NaN);
                continue;
            }
            double top = double.NegativeInfinity, sum = 0, spread = 2 * size.Range;
            foreach (double value in x)
                top = Math.Max(top, value); // NaN wins
            foreach (double value in x)
                sum += Math.Exp(value - top);
            double target = x[targets[row]];
            Losses[row] = top - target + Math.Log(sum);
            // An exponential's argument, a difference of at most spread, is rounded; so is each of the factors that rescale,
            // whose differences add up to at most spread.
            double ofSum = Bounds.Gamma(4 * steps + 40) + (steps + 2) * exponential + 3 * spread * unit;
            LossBounds[row] = double.IsFinite(Losses[row]) ? ofSum + exponential * Math.Log(sum) + 2 * unit * (spread + Math.Abs(Losses[row])) : 0;
            double relative = ofSum + exponential + spread * unit + 8 * unit;
            for (int i = 0; i < vocabulary; i++)
            {
                double p = Math.Exp(x[i] - top) / sum;
                gradient[i] = (p - (i == targets[row] ? 1 : 0)) * scale;
                double error = (relative * p + 4 * unit) * scale;
                bounds[i] = double.IsFinite(gradient[i]) ? error + Bounds.Store(Math.Abs(gradient[i]) + error, size.Type) : 0;
            }
        }
    }
}
