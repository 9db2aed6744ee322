using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Runtime.Cpu;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Emitted;

/// <summary>Loops in loops, as a repeat inside a repeated layer gives them: loss and gradients as compiled against the interpreter.</summary>
public class NestedLoopTests
{
    /// <summary>Of the largest magnitude: a few dozen roundings of 6e-8 in each of six layers.</summary>
    private const double Tolerance = 2e-5;

    private static readonly Polynomial Width = Polynomial.Symbol("W"), Rows = Polynomial.Symbol("B"), Outer = Polynomial.Symbol("L"), Inner = 2;

    public static TheoryData<RecomputePolicy> Policies => [RecomputePolicy.Pointwise, RecomputePolicy.None, RecomputePolicy.Layer];

    /// <summary>The inner loop has a slice of the outer one's weights, and the outer one's index.</summary>
    [Theory, MemberData(nameof(Policies))]
    public void WeightsOfBothLoops(RecomputePolicy policy) => Check(policy, (graph, x, weights, scale) =>
        Layers.Scan(x, Outer, [weights], [scale], (carry, slices, shared) =>
            Layers.Scan(carry.Sin(), Inner, [slices[0]], [shared[0], carry.Graph.Index()], (inner, matrix, known) =>
                (inner.MatMul(matrix[0]) * known[0]).Tanh() + inner * known[1].Cast(DType.F32))));

    /// <summary>Every inner layer reads what the outer layer was given, and the outer layer adds it again.</summary>
    [Theory, MemberData(nameof(Policies))]
    public void TheInnerLoopReadsTheOuterCarry(RecomputePolicy policy) => Check(policy, (graph, x, weights, scale) =>
        Layers.Scan(x, Outer, [weights], [scale], (carry, slices, shared) =>
            carry + Layers.Scan(carry * 0.5, Inner, [slices[0]], [carry, shared[0]], (inner, matrix, known) =>
                (inner.MatMul(matrix[0]) + known[0]).Tanh() * known[1])));

    /// <summary>Two inner loops in a row, and one after the outer loop.</summary>
    [Theory, MemberData(nameof(Policies))]
    public void SeveralLoops(RecomputePolicy policy) => Check(policy, (graph, x, weights, scale) =>
    {
        Value Twice(Value from, Value matrices) => Layers.Scan(from, Inner, [matrices], [], (inner, matrix, _) => inner.MatMul(matrix[0]).Tanh() + inner);
        var y = Layers.Scan(x, Outer, [weights], [scale], (carry, slices, shared) => Twice(Twice(carry, slices[0]) * shared[0], slices[0]) + carry);
        return Twice(y, graph.Parameter("last", ParameterKind.Weight, new TensorType(DType.F32, new Shape(Inner, Width, Width))));
    });

    private static void Check(RecomputePolicy policy, Func<Graph, Value, Value, Value, Value> model)
    {
        var graph = new Graph();
        Value x = Weight(graph, "x", Rows, Width), weights = Weight(graph, "weights", Outer, Inner, Width, Width), scale = Weight(graph, "scale", Width);
        var y = model(graph, x, weights, scale);
        graph.AddResult("loss", (y * y).SumAll());
        Verifier.Verify(graph);
        var training = new PassManager(PassManager.Training(CSharpCpuTarget.Rules, new DifferentiateOptions(policy))).Run(graph);
        var values = Layers.Inputs(graph).ToDictionary(p => p.Key, p => p.Value.Select(v => (double)(float)v).ToArray());
        var expected = new Interpreter(Layers.Symbols, values).Evaluate(training);
        using var device = new CpuDevice(2);
        var actual = EmittedRun.Evaluate(GraphCompiler.Compile([training], Layers.Symbols)[0], training, Layers.Symbols, values, device);
        Assert.Contains("gradient:weights", expected.Keys);
        foreach (var (result, numbers) in expected) BackendTests.Check(result, numbers, actual[result], Tolerance);
    }

    private static Value Weight(Graph graph, string name, params Polynomial[] shape) => graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, new Shape(shape)));
}
