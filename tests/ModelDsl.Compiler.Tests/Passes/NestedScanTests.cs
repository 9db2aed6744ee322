using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Passes;

/// <summary>Loops in loops, shared weights, stacked results and random numbers, against differences.</summary>
public class NestedScanTests
{
    private static readonly Polynomial Width = Polynomial.Symbol("W"), Outer = Polynomial.Symbol("L"), Inner = 2;
    private static readonly TensorType Row = new(DType.F32, new Shape(Width));

    public static TheoryData<RecomputePolicy> Policies => [RecomputePolicy.Pointwise, RecomputePolicy.None, RecomputePolicy.Layer];

    [Theory, MemberData(nameof(Policies))]
    public void A_loop_in_a_loop(RecomputePolicy policy)
    {
        var graph = new Graph();
        Value x = Weight(graph, "x", Width), outer = Weight(graph, "outer", Outer, Inner, Width, Width), scale = Weight(graph, "scale", Width);
        var y = Layers.Scan(x, Outer, [outer], [scale], (carry, slices, shared) =>
        {
            var index = carry.Graph.Index();
            return Layers.Scan(carry.Sin(), Inner, [slices[0]], [shared[0], index], (inner, weights, known) =>
                (inner.Expand(0).MatMul(weights[0]).Reshape(inner.Shape) * known[0]).Tanh() + inner * known[1].Cast(DType.F32));
        });
        Check(graph, (y * y).SumAll(), policy);
    }

    [Theory, MemberData(nameof(Policies))]
    public void Stacked_results_and_a_carry_that_gains_its_gradient_within(RecomputePolicy policy)
    {
        var graph = new Graph();
        Value x = Input(graph, "x"), weights = Weight(graph, "weights", Outer, Width);
        var body = new Graph();
        Value a = body.Parameter("a", ParameterKind.Carry, Row), b = body.Parameter("b", ParameterKind.Carry, Row), w = body.Parameter("w", ParameterKind.Slice, Row);
        body.AddResult("a", (a + b).Sin());
        body.AddResult("b", b * 0.5 + a * w);
        body.AddResult("seen", a.Exp() * w);
        body.AddResult("count", body.Index());
        var scan = graph.Add(OperationTable.Get<Scan>(), [x, x, weights],
            Attributes.None.With("count", Outer).With("reverse", true).With("carries", 2).With("slices", 1), body);
        var seen = graph.Output(scan, 2) * graph.Output(scan, 3).Cast(DType.F32).Reshape(new Shape(Outer, 1));
        Check(graph, seen.SumAll() + (graph.Output(scan, 0) * graph.Output(scan, 1)).SumAll(), policy);
    }

    [Theory, MemberData(nameof(Policies))]
    public void Random_numbers_are_the_same_again_and_differ_by_layer(RecomputePolicy policy)
    {
        var graph = new Graph();
        Value x = Weight(graph, "x", Width), weights = Weight(graph, "weights", Outer, Width);
        var y = Layers.Scan(x, Outer, [weights], [], (carry, slices, _) =>
        {
            var arguments = new Dictionary<string, object> { ["x"] = carry.Node };
            var noise = carry.Graph.Of((Node)OperationTable.Get<RandomNormal>().Surface[0].Build(new SurfaceCall(carry.Graph, arguments, carry.Graph.Index())));
            return carry.Sin() + noise * slices[0];
        });
        Check(graph, (y * y).SumAll(), policy);
        var gradient = Evaluate(Differentiate.Run(graph), Layers.Inputs(graph))["gradient:weights"];
        Assert.Equal(gradient.Length, gradient.Distinct().Count());
    }

    private static void Check(Graph graph, Value loss, RecomputePolicy policy)
    {
        graph.AddResult("loss", loss);
        Verifier.Verify(graph);
        var inputs = Layers.Inputs(graph);
        var training = new PassManager(PassManager.Training(CSharpCpuTarget.Rules, new DifferentiateOptions(policy, Inputs: true))).Run(graph);
        var gradients = Evaluate(training, inputs).Where(r => r.Key.StartsWith("gradient:")).ToDictionary(r => r.Key["gradient:".Length..], r => r.Value);
        FiniteDifferences.Check(inputs, gradients, () => Evaluate(graph, inputs)["loss"][0], magnitude: 100);
    }

    private static Dictionary<string, double[]> Evaluate(Graph graph, Dictionary<string, double[]> inputs) => new Interpreter(Layers.Symbols, inputs, seed: 9).Evaluate(graph);
    private static Value Weight(Graph graph, string name, params Polynomial[] shape) => graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, new Shape(shape)));
    private static Value Input(Graph graph, string name) => graph.Parameter(name, ParameterKind.Input, Row);
}
