
namespace ModelDsl.Compiler.Ir;

/// <summary>
/// <c>scan {count, reverse, carries: n, slices: m} (carry..., stacked..., shared...) body</c>: the loop over layers. The
/// body's parameters are, in this order, n carries, m slices (the stacked inputs without their leading axis of size count)
/// and the shared values; its results the n carries of the next step and then values that are stacked. Results: the last
/// carries, then the stacks [count, ...]. Iterations run 0 to count - 1, or from the last to the first where reverse
/// holds; slices and stacks are indexed by the iteration either way.
/// </summary>
public sealed class Scan : Operation
{
    public override string Name => "scan";

    public override TensorType[] Infer(NodeView node)
    {
        var body = node.Regions[0];
        var count = node.Attributes.SizeOf("count");
        int carries = node.Attributes.Int("carries"), slices = node.Attributes.Int("slices");
        var parameters = Parameters(body);
        if (parameters.Count != node.Inputs.Count)
            throw new ShapeException($"a scan of {node.Inputs.Count} inputs has a body of {parameters.Count} parameters");
        for (int i = 0; i < parameters.Count; i++)
        {
            string kind = i < carries ? ParameterKind.Carry : i < carries + slices ? ParameterKind.Slice : ParameterKind.Shared;
            var (wanted, given) = (parameters[i].Type, node.Inputs[i].Type);
            if (kind == ParameterKind.Slice) wanted = Stacked(wanted, count);
            if (!parameters[i].IsParameter(kind) || !wanted.Equals(given))
                throw new ShapeException($"parameter {i} of a scan's body, '{parameters[i].ParameterName()}', is a {kind} for {wanted}, but gets {given}");
        }
        for (int i = 0; i < carries; i++)
            if (!body.Results[i].Node.Type.Equals(parameters[i].Type))
                throw new ShapeException($"'{parameters[i].ParameterName()}' enters a layer as {parameters[i].Type} and leaves it as {body.Results[i].Node.Type}");
        return body.Results.Select((r, i) => i < carries ? r.Node.Type : Stacked(r.Node.Type, count)).ToArray();
    }

    /// <summary>The parameters of a body, in order.</summary>
    public static IReadOnlyList<Node> Parameters(Graph body) => body.Nodes.Where(n => n.Is<Parameter>()).ToArray();

    public static TensorType Stacked(TensorType type, Polynomial count) => new(type.DType, new Shape([count, .. type.Shape.Sizes]));
}
