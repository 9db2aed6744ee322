using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes.Decode;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>A graph as launches over memory.</summary>
/// <param name="Scratch">Its scratch and when each block is in use; results stay to the end.</param>
/// <param name="Results">Where the results that are no gradients stand.</param>
public sealed record LaunchList(IReadOnlyList<Instruction> Instructions, IReadOnlyList<Lifetime> Scratch, IReadOnlyDictionary<string, View> Results)
{
    private const string Gradient = "gradient:";

    /// <summary>The kernels that are given rectangles of a product, by name.</summary>
    public IEnumerable<string> Epilogues => EpiloguesOf(Instructions).Distinct();

    /// <param name="kernels">Takes the kernels; several launch lists of a model share them.</param>
    /// <param name="caches">What the attentions of a graph for inference keep; none in other graphs.</param>
    public static LaunchList Lower(KernelTable kernels, Graph graph, IEnumerable<Cache>? caches = null)
    {
        var program = new ProgramBuilder(kernels, caches ?? []);
        var scalars = graph.Nodes.Where(n => n.IsParameter() && n.IsHostScalar()).ToDictionary(n => n, n => Naming.Pascal(n.Attributes.Get<string>("name")));
        var parameters = graph.Nodes.Where(n => n.IsParameter() && !n.IsHostScalar()).ToDictionary(n => n, n => View.Whole(Outside(n, program)));
        var results = new Dictionary<string, View>();
        var targets = new List<Destination>();
        var weights = parameters.Values.Where(v => v.Storage.Kind == StorageKind.Weight).ToDictionary(v => v.Storage.Source);
        var gradients = new Dictionary<string, View>();
        foreach (var result in graph.Results)
        {
            if (!result.Name.StartsWith(Gradient))
            {
                var view = View.Whole(program.AddStorage(result.Name, result.Node.DType, result.Node.Shape));
                results.Add(result.Name, view);
                targets.Add(new Destination(view, Accumulation.Overwrite));
                continue;
            }
            string weight = result.Name.Substring(Gradient.Length);
            if (!gradients.TryGetValue(weight, out var to))
                gradients.Add(weight, to = View.Whole(new Storage(weights[weight].Storage.Name + "Gradient", StorageKind.Gradient, weight, DType.F32, result.Node.Shape)));
            targets.Add(new Destination(to, Accumulation.FromSecondMicroStep, Alone: graph.Results.Count(r => r.Name == result.Name) == 1));
        }
        var instructions = GradientOrder.Apply(RegionLowering.Lower(program, graph, parameters, scalars, targets));
        var lifetimes = PlanMemory.Lifetimes(instructions, program.Storage);
        int end = lifetimes.Select(l => l.Last).DefaultIfEmpty(0).Max();
        var kept = new HashSet<Storage>(results.Values.Select(v => v.Storage));
        return new LaunchList(instructions, lifetimes.Select(l => kept.Contains(l.Storage) ? l with { Last = end } : l).ToArray(), results);
    }

    private static IEnumerable<string> EpiloguesOf(IEnumerable<Instruction> instructions) => instructions.SelectMany(i => i switch
    {
        LoopInstruction loop => EpiloguesOf(loop.Body),
        MatMulInstruction { Epilogue: { } epilogue } => [epilogue.Type],
        _ => [],
    });

    private static Storage Outside(Node parameter, ProgramBuilder program)
    {
        string name = parameter.Attributes.Get<string>("name"), kind = parameter.Attributes.Get<string>("kind");
        string local = string.Concat(name.Split('.').Where(p => p != "{}").Select(Naming.Pascal));
        return new Storage(program.Unique(Naming.Camel(local)), kind == "weight" ? StorageKind.Weight : StorageKind.Input, name, parameter.DType, parameter.Shape);
    }
}
