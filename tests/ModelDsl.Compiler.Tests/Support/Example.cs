using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;

namespace ModelDsl.Compiler.Tests.Support;

/// <summary>One case of an operation made concrete: a graph, sizes for the symbols, and inputs drawn from a fixed seed.</summary>
public sealed class Example
{
    public static readonly IReadOnlyDictionary<string, long> Symbols = new Dictionary<string, long> { ["B"] = 2, ["T"] = 3, ["C"] = 4 };

    public Graph Graph { get; } = new();
    public Dictionary<string, double[]> Inputs { get; } = [];

    /// <summary>The graph's results are y0, y1, ... and "loss", a fixed random mixture of the float ones.</summary>
    public static Example Of(OperationCase which)
    {
        var example = new Example();
        var random = new System.Random(which.Inputs.Count * 31 + which.Name.Length);
        var inputs = which.Inputs.Select((input, i) => example.Input($"x{i}", input, random)).ToArray();
        var results = which.Build(example.Graph, inputs);
        Value? loss = null;
        for (int i = 0; i < results.Count; i++)
        {
            example.Graph.AddResult($"y{i}", results[i]);
            if (results[i].DType != DType.F32) continue;
            var weights = example.Graph.Of(example.Input($"mixture{i}", new CaseInput(results[i].Type), random));
            var part = (weights * example.Graph.Of(results[i])).SumAll();
            loss = loss is { } sum ? sum + part : part;
        }
        example.Graph.AddResult("loss", loss!.Value);
        return example;
    }

    /// <summary>The results and, as a result "d_x", the gradient of the loss with respect to each float input.</summary>
    public Graph WithGradients()
    {
        var gradients = Differentiate.Run(Graph, new DifferentiateOptions(Inputs: true));
        var target = new Graph();
        foreach (var source in new[] { Graph, gradients })
        {
            var parameters = source.Nodes.Where(n => n.Is<Parameter>()).ToDictionary(n => n, n => n.CopyTo(target, []));
            GraphWalk.Copy(source.Results.Select(r => r.Node), target, parameters);
            foreach (var results in source.Results.GroupBy(r => r.Name).Where(g => source == Graph || g.Key.StartsWith("gradient:")))
                target.AddResult(results.Key.Replace("gradient:", "d_"), results.Select(r => target.Of(parameters[r.Node])).Aggregate((a, b) => a + b).Node);
        }
        return target;
    }

    public double[] Evaluate(string result) => Evaluate(Graph)[result];
    public Dictionary<string, double[]> Evaluate(Graph graph) => new Interpreter(Symbols, Inputs, seed: 7).Evaluate(graph);

    public static long[] Sizes(Shape shape) => shape.Sizes.Select(s => s.Evaluate(Symbols)).ToArray();

    private Node Input(string name, CaseInput input, System.Random random)
    {
        var values = new double[RowMajor.Count(Sizes(input.Type.Shape))];
        for (int i = 0; i < values.Length; i++)
            values[i] = input.Type.DType == DType.I32 ? random.NextInt64(input.Limit) : input.Low + (input.High - input.Low) * random.NextDouble();
        Inputs[name] = values;
        return Graph.Parameter(name, ParameterKind.Input, input.Type);
    }
}
