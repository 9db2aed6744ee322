using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Ops;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Runtime.Cpu;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Emitted;

/// <summary>Every case of every operation, and its gradient where it has one, through the C# backend against the interpreter.</summary>
public sealed class BackendTests : IClassFixture<BackendTests.Compiled>
{
    /// <summary>
    /// Of the largest magnitude: a few dozen roundings of 6e-8 in a row, amplified at most tenfold by the functions of the
    /// cases (logarithms and divisions near 0.1).
    /// </summary>
    private const double Tolerance = 2e-5;

    private readonly Compiled _compiled;

    public BackendTests(Compiled compiled) => _compiled = compiled;

    [Theory, MemberData(nameof(OperationCases.All), MemberType = typeof(OperationCases))]
    public void ForwardAndBackwardAgreeWithTheInterpreter(string operation, string name)
    {
        var (example, graph, emitted) = _compiled.All[(operation, name)];
        using var device = new CpuDevice(2);
        var expected = example.Evaluate(graph);
        var actual = EmittedRun.Evaluate(emitted, graph, Example.Symbols, example.Inputs, device, seed: 7);
        foreach (var (result, values) in expected) Check($"{operation}, {name}: {result}", values, actual[result]);
    }

    /// <summary>Reductions of different domains that meet in one number.</summary>
    [Theory]
    [InlineData("T", "C")]
    [InlineData("B", "B")]
    public void NumbersFromSeveralReductions(string rows, string columns)
    {
        var example = Example.Of(OperationCase.Of("means", x => x[0].Mean(0, keep: false) - x[1].SumAll() / x[2].SumAll(),
            CaseInput.Floats(rows), CaseInput.Floats(rows, columns), CaseInput.Range(0.5, 1, columns)));
        var graph = new PassManager(PassManager.Forward(CSharpCpuTarget.Rules)).Run(example.Graph);
        using var device = new CpuDevice(1);
        var actual = EmittedRun.Evaluate(GraphCompiler.Compile([graph], Example.Symbols)[0], graph, Example.Symbols, example.Inputs, device);
        Check("means", example.Evaluate("loss"), actual["loss"]);
    }

    internal static void Check(string what, double[] expected, double[] actual, double tolerance = Tolerance, double absolute = 2e-8)
    {
        Assert.Equal(expected.Length, actual.Length);
        double allowed = tolerance * expected.Select(Math.Abs).DefaultIfEmpty(0).Max() + absolute;
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= allowed, $"{what}[{i}] is {actual[i]:G9}, not {expected[i]:G9}");
    }

    /// <summary>The cases, compiled once.</summary>
    public sealed class Compiled
    {
        internal IReadOnlyDictionary<(string, string), (Example Example, Graph Graph, EmittedGraph Emitted)> All { get; }

        public Compiled()
        {
            var cases = OperationTable.All.SelectMany(o => o.Cases.Select(c => (Operation: o.Name, c.Name, Example: Example.Of(c)))).ToArray();
            var graphs = cases.Select(c => new PassManager(PassManager.Forward(CSharpCpuTarget.Rules)).Run(c.Example.WithGradients())).ToArray();
            var emitted = GraphCompiler.Compile(graphs, Example.Symbols);
            All = cases.Select((c, i) => (c, i)).ToDictionary(p => (p.c.Operation, p.c.Name), p => (p.c.Example, graphs[p.i], emitted[p.i]));
        }
    }
}
