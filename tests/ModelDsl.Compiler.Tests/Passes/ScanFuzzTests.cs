using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Passes;

/// <summary>Loops over random layers: every recompute policy, simplified or not, has the gradient of the unrolled model.</summary>
public class ScanFuzzTests
{
    private static readonly Polynomial T = Polynomial.Symbol("T"), W = Polynomial.Symbol("W");

    /// <summary>Some hundred terms an element, through three layers that can each amplify tenfold.</summary>
    private const double Roundings = 1e5;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory, MemberData(nameof(Seeds))]
    public void Policies_agree_with_the_unrolled_model(int seed)
    {
        var looped = RandomLayers.Model(seed);
        var inputs = Layers.Inputs(looped);
        var expected = new Interpreter(Layers.Symbols, inputs).Evaluate(Differentiate.Run(Unrolled(seed)));
        foreach (var policy in new[] { RecomputePolicy.Pointwise, RecomputePolicy.None, RecomputePolicy.Layer })
        {
            var options = new DifferentiateOptions(policy);
            Near.Check($"{policy}", expected, new Interpreter(Layers.Symbols, inputs).Evaluate(Differentiate.Run(looped, options)), Roundings);
            Near.Check($"{policy}, simplified", expected, new Interpreter(Layers.Symbols, inputs).Evaluate(new PassManager(PassManager.Training(CSharpCpuTarget.Rules, options)).Run(looped)), Roundings);
        }
    }

    private static Graph Unrolled(int seed)
    {
        var graph = new Graph();
        Polynomial count = Layers.Symbols["L"];
        Value Weight(string name, params Polynomial[] shape) => graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, new Shape(shape)));
        Value x = Weight("x", T, W), matrices = Weight("matrices", count, W, W), rows = Weight("rows", count, W), shared = Weight("shared", W);
        for (int layer = 0; layer < Layers.Symbols["L"]; layer++)
            x = RandomLayers.Layer(seed, x, At(matrices, layer), At(rows, layer), shared, graph.Constant(layer, DType.I32));
        graph.AddResult("loss", (x * x).SumAll());
        return graph;
    }

    private static Value At(Value stack, int layer) => stack.Slice(0, layer, 1).Reshape(new Shape(stack.Shape.Sizes.Skip(1)));
}
