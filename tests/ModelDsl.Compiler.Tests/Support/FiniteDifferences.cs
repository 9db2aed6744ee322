using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;

namespace ModelDsl.Compiler.Tests.Support;

/// <summary>
/// Gradients against central differences. The tolerance is derived: the differences at h and 2 h differ by three times the
/// truncation error of the one at h, which Richardson's extrapolation removes, so that difference bounds what is left; to
/// it comes the rounding of the loss, a few units in the last place of its largest part, over h.
/// </summary>
public static class FiniteDifferences
{
    private const double Step = 1e-3;

    /// <param name="evaluate">The loss at these inputs.</param>
    /// <param name="magnitude">A bound of the parts that the loss is summed from.</param>
    public static void Check(
        Dictionary<string, double[]> inputs, IReadOnlyDictionary<string, double[]> gradients, Func<double> evaluate, double magnitude, int samples = int.MaxValue)
    {
        foreach (var (name, gradient) in gradients)
        {
            var values = inputs[name];
            Assert.Equal(values.Length, gradient.Length);
            int stride = Math.Max(1, values.Length / samples);
            for (int i = 0; i < values.Length; i += stride)
            {
                double near = Central(values, i, Step, evaluate), far = Central(values, i, 2 * Step, evaluate);
                double expected = (4 * near - far) / 3;
                double tolerance = Math.Abs(far - near) + 256 * Math.Pow(2, -52) * (1 + magnitude) / Step;
                Assert.True(Math.Abs(expected - gradient[i]) <= tolerance,
                    $"gradient of {name}[{i}] is {gradient[i]:G12}, differences say {expected:G12} +- {tolerance:G3}");
            }
        }
    }

    /// <summary>Every gradient that a graph has with respect to its float inputs and weights.</summary>
    public static Dictionary<string, double[]> Gradients(Graph graph, Func<Graph, Dictionary<string, double[]>> evaluate, RecomputePolicy policy = RecomputePolicy.Pointwise)
    {
        var differentiated = Differentiate.Run(graph, new DifferentiateOptions(policy, Inputs: true));
        Verifier.Verify(differentiated);
        return evaluate(differentiated).Where(r => r.Key.StartsWith("gradient:")).ToDictionary(r => r.Key["gradient:".Length..], r => r.Value);
    }

    private static double Central(double[] values, int i, double step, Func<double> evaluate)
    {
        double at = values[i];
        values[i] = at + step;
        double above = evaluate();
        values[i] = at - step;
        double below = evaluate();
        values[i] = at;
        return (above - below) / (2 * step);
    }
}
