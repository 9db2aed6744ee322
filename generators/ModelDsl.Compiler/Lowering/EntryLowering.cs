using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>A graph to an entry: steps over memory.</summary>
public static class EntryLowering
{
    private const string Gradient = "gradient:";

    /// <param name="rules">The calls that the target has.</param>
    /// <param name="states">What a graph for decoding keeps; none in other graphs.</param>
    public static Entry Run(string name, Graph graph, CallRules rules, IEnumerable<StateSlot> states)
    {
        var program = new ProgramBuilder(rules, states);
        foreach (string symbol in Symbols(graph).Distinct()) program.Symbol(symbol);
        var scalars = graph.Nodes.Where(n => n.IsParameter() && n.IsHostScalar())
            .ToDictionary(n => n, n => (HostExpression)new HostSymbol(BufferNames.Pascal(n.ParameterName()), n.DType));
        var parameters = graph.Nodes.Where(n => n.IsParameter() && !n.IsHostScalar()).ToDictionary(n => n, n => View.Whole(Outside(n)));
        var weights = parameters.Where(p => p.Value.Buffer.Space == Space.Weight).ToDictionary(p => p.Key.ParameterName(), p => p.Value.Buffer);
        var results = new List<EntryResult>();
        var targets = new List<Destination>();
        var gradients = new Dictionary<string, View>();
        foreach (var result in graph.Results)
        {
            if (!result.Name.StartsWith(Gradient))
            {
                var view = View.Whole(program.AddScratch(new[] { result.Name }, result.Node.DType, result.Node.Shape));
                results.Add(new EntryResult(result.Name, view));
                targets.Add(new Destination(view, Accumulation.Overwrite));
                continue;
            }
            string weight = result.Name.Substring(Gradient.Length);
            if (!gradients.TryGetValue(weight, out var to))
                gradients.Add(weight, to = View.Whole(new TensorBuffer(Space.Gradient, weight, DType.F32, result.Node.Shape, BufferNames.GradientOf(weights[weight].Origin))));
            targets.Add(new Destination(to, Accumulation.FromSecondMicroStep, Alone: graph.Results.Count(r => r.Name == result.Name) == 1));
        }
        var steps = GradientOrder.Apply(RegionLowering.Lower(program, graph, parameters, scalars, targets));
        var lifetimes = PlanMemory.Lifetimes(steps, program.Scratch);
        int end = lifetimes.Select(l => l.Last).DefaultIfEmpty(0).Max();
        var kept = new HashSet<TensorBuffer>(results.Select(r => r.View.Buffer));
        return new Entry(name, steps.ToEquatableArray(), lifetimes.Select(l => kept.Contains(l.Buffer) ? l with { Last = end } : l).ToEquatableArray(),
            results.ToEquatableArray(), program.States.ToEquatableArray());
    }

    /// <summary>The symbols of a graph's sizes and numbers, which no loop's index may have.</summary>
    private static IEnumerable<string> Symbols(Graph graph) => graph.Nodes.SelectMany(n =>
        n.Types.SelectMany(t => t.Shape.Sizes).Concat(n.Attributes.Pairs.Select(p => p.Value).OfType<Polynomial>()).SelectMany(s => s.Symbols())
            .Concat(n.Is<Hyper>() ? [n.Attributes.Get<string>("name")] : [])
            .Concat(n.Regions.SelectMany(Symbols)));

    private static TensorBuffer Outside(Node parameter)
    {
        string name = parameter.ParameterName();
        return new TensorBuffer(parameter.IsParameter(ParameterKind.Weight) ? Space.Weight : Space.Input, name, parameter.DType, parameter.Shape, BufferNames.OfPath(name));
    }
}
