using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Spec;
using ModelDsl.Compiler.Targets.CSharpCpu;

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
        var names = new NameProgram(symbols.Keys);
        var entry = names.Run(EntryLowering.Run("Forward", graph, CSharpCpuTarget.Rules, []));
        if (!shareMemory) entry = entry with { Scratch = entry.Scratch.Select(l => l with { First = 0, Last = int.MaxValue }).ToEquatableArray() };
        var inputs = Inputs(graph).Select((input, index) => (input, index)).ToDictionary(p => p.input.ParameterName(), p => p.index);
        var model = new RecordSpec(RecordKind.Model, name, name, "", "public", EquatableArray<HyperparameterSpec>.Empty, EquatableArray<WeightSpec>.Empty,
            EquatableArray<MemberSpec>.Empty, EquatableArray<MethodSpec>.Empty, EquatableArray<PresetSpec>.Empty, EquatableArray<RecordSpec>.Empty);
        var identifiers = new Identifiers(model, names.Kernels.Select(k => k.Name).Concat(symbols.Keys));
        var code = new CodeWriter();
        foreach (string space in new[] { "System", "System.Runtime.CompilerServices", "System.Runtime.Intrinsics", "ModelDsl.Runtime", "ModelDsl.Runtime.Cpu" }) code.Line($"using {space};");
        code.Block($"public sealed unsafe class {name} : {typeof(EmittedGraph).FullName}", () =>
        {
            foreach (var (symbol, value) in symbols) code.Line($"private readonly int {symbol} = {value};");
            foreach (var input in graph.Nodes.Where(n => n.IsParameter() && n.IsHostScalar()))
                code.Line($"private int {BufferNames.Pascal(input.ParameterName())} => *(int*)_inputs[{inputs[input.ParameterName()]}];");
            code.Line("private readonly WeightPlaces _table = new();");
            code.Block("private sealed class WeightPlaces", () =>
            {
                foreach (var (weight, offset) in Offsets(graph, symbols)) code.Line($"public readonly long {WeightsPrinter.Field(weight)} = {offset};");
            });
            code.Block("public override int Place(string result) => result switch", () =>
            {
                for (int i = 0; i < entry.Results.Count; i++) code.Line($"\"{entry.Results[i].Name}\" => {i},");
                code.Line("_ => throw new ArgumentException(result),");
            });
            code.Line(";");
            new StepPrinter(code, entry, identifiers, ProgramMembers.NewMethods(), inputs).Print("The graph.", "protected override void Forward(float** outputs)");
            var epilogues = ModelPrinter.Epilogues(entry.Steps).ToHashSet();
            foreach (var kernel in names.Kernels) KernelPrinter.Print(kernel, code, epilogues.Contains(kernel.Name));
        });
        return code.ToString();
    }
}
