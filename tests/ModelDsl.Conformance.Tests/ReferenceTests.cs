using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Conformance.Tests.Support;

namespace ModelDsl.Conformance.Tests;

/// <summary>The graphs of whole models, interpreted in float64, against PyTorch in float64.</summary>
public class ReferenceTests
{
    /// <summary>
    /// Of the largest magnitude of an array. References have twelve digits; sums of a few hundred terms in another order
    /// differ by 1e-14 or so, and two layers with divisions by variances near 0.02 amplify that by less than a thousand.
    /// </summary>
    private const double Tolerance = 1e-10;

    public static TheoryData<string> Names => new(Reference.Names);

    [Theory, MemberData(nameof(Names))]
    public void ForwardAgrees(string name)
    {
        var reference = Reference.Load(name);
        var variant = reference.Elaborate();
        var results = new Interpreter(reference.Sizes, reference.Values(variant)).Evaluate(variant.Forward.Graph);
        Near(reference.Forward, Assert.Single(results).Value, "forward");
    }

    [Theory, MemberData(nameof(Names))]
    public void LossAndEveryGradientAgree(string name)
    {
        var reference = Reference.Load(name);
        var variant = reference.Elaborate();
        var results = new Interpreter(reference.Sizes, reference.Values(variant)).Evaluate(Differentiate.Run(variant.Training.Graph));
        Near([reference.Losses[0]], results["loss"], "loss");
        Assert.Equal(reference.Gradients.Keys.Order(), variant.Weights.Select(w => w.Name).Order());
        foreach (var (weight, gradient) in reference.Gradients) Near(gradient, results[$"gradient:{weight}"], weight);
    }

    private static void Near(double[] expected, double[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double magnitude = expected.Max(Math.Abs), worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= Tolerance * magnitude, $"{what}: {worst:G3} of {magnitude:G3}");
    }
}
