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
    private static readonly Polynomial T = Polynomial.Symbol("T"), W = Polynomial.Symbol("W"), L = Polynomial.Symbol("L");

    /// <summary>Some hundred terms an element, through three layers that can each amplify tenfold.</summary>
    private const double Roundings = 1e5;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory, MemberData(nameof(Seeds))]
    public void Policies_agree_with_the_unrolled_model(int seed)
    {
        var looped = Build(seed, unroll: false);
        var inputs = Layers.Inputs(looped);
        var expected = new Interpreter(Layers.Symbols, inputs).Evaluate(Differentiate.Run(Build(seed, unroll: true)));
        foreach (var policy in new[] { RecomputePolicy.Pointwise, RecomputePolicy.None, RecomputePolicy.Layer })
        {
            var options = new DifferentiateOptions(policy);
            Near.Check($"{policy}", expected, new Interpreter(Layers.Symbols, inputs).Evaluate(Differentiate.Run(looped, options)), Roundings);
            Near.Check($"{policy}, simplified", expected, new Interpreter(Layers.Symbols, inputs).Evaluate(new PassManager(PassManager.Training(CSharpCpuTarget.Rules, options)).Run(looped)), Roundings);
        }
    }

    private static Graph Build(int seed, bool unroll)
    {
        var graph = new Graph();
        var count = unroll ? Polynomial.Constant(Layers.Symbols["L"]) : L;
        Value Weight(string name, params Polynomial[] shape) => graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, new Shape(shape)));
        Value x = Weight("x", T, W), matrices = Weight("matrices", count, W, W), rows = Weight("rows", count, W), shared = Weight("shared", W);
        if (unroll)
            for (int layer = 0; layer < Layers.Symbols["L"]; layer++)
                x = RandomLayers.Layer(seed, x, At(matrices, layer), At(rows, layer), shared, graph.Constant(layer, DType.I32));
        else
            x = Layers.Scan(x, L, [matrices, rows], [shared], (y, slices, known) => RandomLayers.Layer(seed, y, slices[0], slices[1], known[0], y.Graph.Index()));
        graph.AddResult("loss", (x * x).SumAll());
        return graph;
    }

    private static Value At(Value stack, int layer) => stack.Slice(0, layer, 1).Reshape(new Shape(stack.Shape.Sizes.Skip(1)));
}
