using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// Reverse mode over a whole model: from a graph with a result "loss" to one with "loss" and "gradient:NAME" for each
/// weight. Several results of one name are to be added up: a weight that is used in several places gets one from each.
/// </summary>
/// <remarks>Before: <c>loss</c>. After: <c>loss, gradient:Token.Weight, gradient:Blocks.{}.Query.Weight [Layers, ...], ...</c></remarks>
public static class Differentiate
{
    public static Graph Run(Graph model, DifferentiateOptions? options = null)
    {
        options ??= new DifferentiateOptions();
        model = Decompose.Run(model);
        var loss = model.Results.FirstOrDefault(r => r.Name == "loss")?.Node
            ?? throw new ArgumentException("a graph without a result \"loss\" has no gradient");
        if (loss.Types.Count != 1 || loss.Shape.Rank != 0 || loss.DType != DType.F32)
            throw new ArgumentException($"a loss is a single number, not {loss.Type}");

        bool IsVariable(Node node) => node.IsParameter(ParameterKind.Weight) || options.Inputs && node.IsParameter(ParameterKind.Input);
        var region = new RegionGradient(model, IsVariable, options.Recompute);
        var graph = region.Graph;
        region.Seed(loss, options.Scale is { } scale ? graph.Hyper(scale) : graph.Constant(1));
        region.Run();
        graph.Origin = null;

        graph.AddResult("loss", region.Copied(loss));
        foreach (var variable in model.Nodes.Where(n => IsVariable(n) && n.DType == DType.F32))
        {
            var parts = region.Gradients.Parts(region.Copied(variable));
            foreach (var part in parts) graph.AddResult(ResultName(variable), part);
            if (parts.Count == 0) graph.AddResult(ResultName(variable), graph.Constant(0).Broadcast(variable.Shape));
        }
        return graph;
    }

    private static string ResultName(Node variable) => $"gradient:{variable.ParameterName()}";
}

/// <param name="Recompute">What the backward pass of a scan computes again.</param>
/// <param name="Scale">The name of a scalar that the gradient of the loss starts from; 1 where null.</param>
/// <param name="Inputs">Gradients of the float inputs as well.</param>
public sealed record DifferentiateOptions(RecomputePolicy Recompute = RecomputePolicy.Pointwise, string? Scale = null, bool Inputs = false);
