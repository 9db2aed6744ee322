using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Targets.CSharpCpu;
using ModelDsl.Compiler.Tests.Support;

namespace ModelDsl.Compiler.Tests.Program;

/// <summary>Graphs through lowering and naming, verified after each, and interpreted as programs.</summary>
internal static class LoweredGraph
{
    /// <summary>
    /// Both interpreters compute in float64 and differ in the order of sums alone: 1e-12 of the largest element is some
    /// thousands of roundings of 2^-53.
    /// </summary>
    private const double Roundings = 1e-12 * (1L << 53);

    public static Entry Lower(Graph graph)
    {
        var entry = EntryLowering.Run("Graph", graph, CSharpCpuTarget.Rules, []);
        ProgramVerifier.Verify(entry, named: false);
        entry = new NameProgram([]).Run(entry);
        ProgramVerifier.Verify(entry);
        return entry;
    }

    /// <summary>The program's results and gradients against those of the graph, twice: gradients begin anew, then are added to.</summary>
    public static void Check(string what, Graph graph, IReadOnlyDictionary<string, long> symbols, IReadOnlyDictionary<string, double[]> values, ulong seed = 0)
    {
        var entry = Lower(graph);
        var expected = new Interpreter(symbols, values, seed).Evaluate(graph);
        var sizes = symbols.ToDictionary();
        foreach (var scalar in graph.Nodes.Where(n => n.Is<Parameter>() && n.Shape.Rank == 0 && n.DType == DType.I32))
            sizes[char.ToUpperInvariant(scalar.ParameterName()[0]) + scalar.ParameterName()[1..]] = (long)values[scalar.ParameterName()][0];
        var interpreter = new ProgramInterpreter(sizes, new Dictionary<string, double>(), values, seed);
        foreach (int times in new[] { 1, 2 })
        {
            var actual = interpreter.Run(entry, firstMicroStep: times == 1);
            foreach (var (weight, gradient) in interpreter.Gradients) actual[$"gradient:{weight}"] = gradient;
            Near.Check(what, expected.ToDictionary(r => r.Key, r => r.Key.StartsWith("gradient:") ? r.Value.Select(v => v * times).ToArray() : r.Value), actual, Roundings);
        }
    }
}
