using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Spec;
using ModelDsl.Compiler.Tests.Support;

namespace ModelDsl.Compiler.Tests.Elaboration;

/// <summary>What a Repeat carries, gives to every layer, and shares, against the layers written one after another.</summary>
public class RepeatTests
{
    private const int Batch = 2, Width = 3, Layers = 4;

    private static readonly RecordSpec Mix = Specs.Parse("""
        (spec 1 Layer T.Mix Mix T public
         (hyperparameter Width Int int)
         (weight Scale public (.Width) Ones 0.02f auto)
         (method Forward ((a Tensor) (b Tensor) (mask Tensor))
          (return (tuple (+ (* $a .Scale) (op Tanh (x $b))) (- (* $b $mask) $a)))))
        """);

    private static RecordSpec Model(string shared) => Specs.Parse($"""
        (spec 1 Model T.M M T public
         (hyperparameter Width Int int {Width})
         (hyperparameter Layers Int int {Layers})
         (member Blocks (repeat .Layers layer (new T.Mix (Width .Width)){shared}))
         (method Forward ((x Tensor (shape .Width)) (mask Tensor (shape .Width)))
          (let (a b) (call .Blocks Forward (carried (tuple $x (* 2 $x))) (inputs (list $mask))))
          (return (* $a $b)))
         (method Loss ((x Tensor (shape .Width)) (mask Tensor (shape .Width)))
          (return (op SumAll (x (call _ Forward (x $x) (mask $mask)))))))
        """);

    [Theory]
    [InlineData("", Layers)]
    [InlineData(" true", 1)]
    public void TwoTensorsAreCarriedAndOneIsGiven(string shared, int weights)
    {
        var variant = Assert.Single(Elaborator.Elaborate(Model(shared), [Mix]).Variants);
        var weight = Assert.Single(variant.Weights);
        Assert.Equal(weights == 1 ? "Blocks.Scale" : "Blocks.{}.Scale", weight.Name);
        Assert.Equal(weights == 1 ? [] : ["Layers"], weight.Counts.Select(c => c.ToString()));

        var inputs = Inputs(weight.Name, weights);
        double[] forward = Evaluate(variant.Forward.Graph, inputs)["output"];
        double[] expected = OneAfterAnother(inputs["x"], inputs["mask"], inputs[weight.Name]);
        Near(expected, forward);

        var graph = variant.Training.Graph;
        FiniteDifferences.Check(inputs, FiniteDifferences.Gradients(graph, g => Evaluate(g, inputs)), () => Evaluate(graph, inputs)["loss"][0], forward.Sum(Math.Abs));
    }

    [Theory]
    [InlineData("(carried $x)", "The layers of 'Blocks' take (Tensor a, Tensor b, Tensor mask), but are given 1 tensor")]
    [InlineData("(carried (tuple $x $x)) (inputs (list $mask $mask))", "The layers of 'Blocks' take (Tensor a, Tensor b, Tensor mask), but are given 4 tensors")]
    [InlineData("(carried $x) (inputs (list $x $mask))", "The layers of 'Blocks' must return one tensor, as many as are carried, not a tuple of 2")]
    [InlineData("(carried (tuple $x 3)) (inputs (list $mask))", "The layers of 'Blocks' take (Tensor a, Tensor b, Tensor mask), but are given an int")]
    public void MisuseIsReported(string arguments, string message)
    {
        var model = SpecText.Print(Model("")).Replace("(carried (tuple $x (* 2 $x))) (inputs (list $mask))", arguments);
        var found = Assert.Single(Elaborator.Elaborate(Specs.Parse(model), [Mix]).Diagnostics);
        Assert.Equal(message, string.Format(Catalogue.Find(found.Id).Message, [.. found.Arguments]));
    }

    private static Dictionary<string, double[]> Inputs(string weight, int weights)
    {
        var random = new Random(5);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() * 2 - 1)];
        return new() { ["x"] = Draw(Batch * Width), ["mask"] = Draw(Batch * Width), [weight] = Draw(weights * Width) };
    }

    private static Dictionary<string, double[]> Evaluate(Graph graph, Dictionary<string, double[]> inputs) =>
        new Interpreter(new Dictionary<string, long> { ["B"] = Batch, ["Width"] = Width, ["Layers"] = Layers }, inputs, seed: 7).Evaluate(graph);

    private static double[] OneAfterAnother(double[] x, double[] mask, double[] scale)
    {
        double[] a = x, b = [.. x.Select(v => 2 * v)];
        for (int layer = 0; layer < Layers; layer++)
        {
            int first = scale.Length == Width ? 0 : layer * Width;
            (a, b) = ([.. a.Select((v, i) => v * scale[first + i % Width] + Math.Tanh(b[i]))], [.. b.Select((v, i) => v * mask[i] - a[i])]);
        }
        return [.. a.Select((v, i) => v * b[i])];
    }

    /// <summary>The same operations in the same order: no more than the rounding of a few of them apart.</summary>
    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-12 * (1 + Math.Abs(expected[i])), $"{i}: {actual[i]} is not {expected[i]}");
    }
}
