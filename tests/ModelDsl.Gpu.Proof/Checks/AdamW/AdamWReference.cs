using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A step of AdamW in float64, with bounds for fp32.</summary>
internal sealed class AdamWReference(int count)
{
    public readonly double[] Weights = new double[count], First = new double[count], Second = new double[count];
    public readonly double[] WeightBound = new double[count], FirstBound = new double[count], SecondBound = new double[count];

    /// <param name="gradient">The scaled gradient; the kernel rounds the scale and the product.</param>
    public void Add(
        int i, double weight, double gradient, double first, double second, double decay, double rate, double beta1, double beta2, double epsilon, double step)
    {
        double kept1 = beta1 * first, kept2 = beta2 * second;
        First[i] = kept1 + (1 - beta1) * gradient;
        Second[i] = kept2 + (1 - beta2) * gradient * gradient;
        double denominator = Math.Sqrt(Second[i] / (1 - Math.Pow(beta2, step))) + epsilon;
        double move = rate / (1 - Math.Pow(beta1, step)) / denominator;
        Weights[i] = weight - rate * decay * weight - move * First[i];

        // Roundings: the scale, the gradient, times 1 - beta, and the sum; squared, the first two count twice.
        FirstBound[i] = Bounds.Gamma(4) * (Math.Abs(kept1) + (1 - beta1) * Math.Abs(gradient)) + Math.ScaleB(1, -126);
        SecondBound[i] = Bounds.Gamma(7) * Second[i] + Math.ScaleB(1, -126);
        // The denominator: half of the second moment's error, a root and a quotient of 3 ULP each, the root of the correction
        // (twice), its product, the sum; the step: three; the weight: two for the decayed weight, one for the sum.
        double relative = Bounds.Gamma(4) + Bounds.Function(3) + Bounds.Function(3) + Bounds.Gamma(4) + Bounds.Gamma(3);
        WeightBound[i] = move * (FirstBound[i] + relative * Math.Abs(First[i])) + Bounds.Gamma(4) * (Math.Abs(weight) + Math.Abs(move * First[i]));
    }
}
