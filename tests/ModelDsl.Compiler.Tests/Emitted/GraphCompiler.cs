using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Compiler.Backends.CSharp;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes.Lowering;

namespace ModelDsl.Compiler.Tests.Emitted;

/// <summary>Graphs through lowering and the C# printer to classes that run, many in one compilation.</summary>
internal static class GraphCompiler
{
    /// <param name="shareMemory">Whether blocks of scratch may share memory, as they do in programs.</param>
    public static IReadOnlyList<EmittedGraph> Compile(IReadOnlyList<Graph> graphs, IReadOnlyDictionary<string, long> symbols, bool shareMemory = true)
    {
        var trees = graphs.Select((graph, i) => CSharpSyntaxTree.ParseText(Text($"Graph{i}", graph, symbols, shareMemory))).ToArray();
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable);
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create("Emitted" + Guid.NewGuid().ToString("N"), trees, references, options).Emit(image);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5).Select(d => $"{d}\n{d.Location.SourceTree?.GetText().Lines[d.Location.GetLineSpan().StartLinePosition.Line]}")));
        var assembly = Assembly.Load(image.ToArray());
        return graphs.Select((_, i) => (EmittedGraph)Activator.CreateInstance(assembly.GetType($"Graph{i}")!)!).ToArray();
    }

    /// <summary>Where each weight begins, in floats, in the order of the graph's parameters.</summary>
    public static Dictionary<string, long> Offsets(Graph graph, IReadOnlyDictionary<string, long> symbols)
    {
        long next = 0;
        var offsets = new Dictionary<string, long>();
        foreach (var weight in graph.Nodes.Where(n => n.IsParameter() && n.Attributes.Get<string>("kind") == "weight"))
        {
            offsets.Add(weight.Attributes.Get<string>("name"), next);
            next += weight.Shape.Count.Evaluate(symbols);
        }
        return offsets;
    }

    /// <summary>The inputs in the order of the table of their pointers.</summary>
    public static IReadOnlyList<Node> Inputs(Graph graph) =>
        graph.Nodes.Where(n => n.IsParameter() && n.Attributes.Get<string>("kind") == "input").ToArray();

    private static string Text(string name, Graph graph, IReadOnlyDictionary<string, long> symbols, bool shareMemory)
    {
        var kernels = new KernelTable();
        var list = LaunchList.Lower(kernels, graph);
        if (!shareMemory) list = list with { Scratch = list.Scratch.Select(l => l with { First = 0, Last = int.MaxValue }).ToArray() };
        var offsets = Offsets(graph, symbols).ToDictionary(p => p.Key, p => p.Value.ToString());
        foreach (var (input, index) in Inputs(graph).Select((input, index) => (input, index))) offsets.Add(input.Attributes.Get<string>("name"), index.ToString());
        var code = new CodeWriter();
        foreach (string space in new[] { "System", "System.Runtime.CompilerServices", "System.Runtime.Intrinsics", "ModelDsl.Runtime", "ModelDsl.Runtime.Cpu" }) code.Line($"using {space};");
        code.Block($"public sealed unsafe class {name} : {typeof(EmittedGraph).FullName}", () =>
        {
            foreach (var (symbol, value) in symbols) code.Line($"private readonly int {symbol} = {value};");
            foreach (var input in graph.Nodes.Where(n => n.IsParameter() && n.IsHostScalar())) code.Line($"private int {Naming.Pascal(input.Attributes.Get<string>("name"))} => *(int*)_inputs[{Inputs(graph).ToList().IndexOf(input)}];");
            code.Line("public override long Prepare() => (_runPlan = PlanRun()).Floats;");
            code.Line("protected override void Execute() => Run();");
            code.Block("public override long Result(string name) => name switch", () =>
            {
                foreach (var (result, view) in list.Results)
                    code.Line($"\"{result}\" => _runPlan[{list.Scratch.Select((l, i) => (l.Storage, i)).First(p => p.Storage == view.Storage).i}],");
                code.Line("_ => throw new ArgumentException(name),");
            });
            code.Line(";");
            new LaunchPrinter(code, "Run", list, offsets).Print("The graph.");
            foreach (var kernel in kernels.Kernels) KernelPrinter.Print(kernel, code, list.Epilogues.Contains(kernel.Name));
        });
        return code.ToString();
    }
}
