using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Support;

/// <summary>What the small models of the tests share: sizes, a loop over layers, heads, the loss.</summary>
public static class Layers
{
    public static readonly IReadOnlyDictionary<string, long> Symbols =
        new Dictionary<string, long> { ["B"] = 2, ["T"] = 5, ["V"] = 11, ["W"] = 8, ["L"] = 3, ["F"] = 12 };

    /// <summary>Random values below a half for every parameter, tokens below V.</summary>
    public static Dictionary<string, double[]> Inputs(Graph graph)
    {
        var random = new System.Random(5);
        return graph.Nodes.Where(n => n.Is<Parameter>()).ToDictionary(p => p.ParameterName(), p => Enumerable.Range(0, (int)p.Shape.Count.Evaluate(Symbols))
            .Select(_ => p.DType == DType.I32 ? random.Next((int)Symbols["V"]) : random.NextDouble() - 0.5).ToArray());
    }

    public static Value Scan(Value x, Polynomial count, Value[] stacks, Value[] shared, Func<Value, Value[], Value[], Value> layer)
    {
        var body = new Graph();
        var carry = body.Parameter("x", ParameterKind.Carry, x.Node.Type);
        var slices = stacks.Select(s => body.Parameter(s.Node.Is<Parameter>() ? s.Node.ParameterName() : $"slice{s.Node.Id}",
            ParameterKind.Slice, new TensorType(s.DType, new Shape(s.Shape.Sizes.Skip(1))))).ToArray();
        var inside = shared.Select((s, i) => body.Parameter($"shared{i}", ParameterKind.Shared, s.Node.Type)).ToArray();
        body.AddResult("x", layer(carry, slices, inside));
        var scan = x.Graph.Add(OperationTable.Get<Scan>(), [x, .. stacks.Select(s => s.Node), .. shared.Select(s => s.Node)],
            Attributes.None.With("count", count).With("reverse", false).With("carries", 1).With("slices", slices.Length), body);
        return x.Graph.Output(scan, 0);
    }

    public static Value SplitHeads(Value x, int heads) => x.Reshape(new Shape(x.Shape[0], x.Shape[1], heads, x.Shape[2] / heads));

    /// <summary>The DSL's own mean cross-entropy over targets that are not negative.</summary>
    public static Value CrossEntropy(Value logits, Value targets)
    {
        var arguments = new Dictionary<string, object> { ["logits"] = logits.Node, ["targets"] = targets.Node };
        return logits.Graph.Of((Node)OperationTable.Get<CrossEntropy>().Surface[0].Build(new SurfaceCall(logits.Graph, arguments)));
    }
}
