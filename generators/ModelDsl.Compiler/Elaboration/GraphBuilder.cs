using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Short names for the nodes that the elaborator makes itself.</summary>
internal static class GraphBuilder
{
    public static Node Node(this Graph graph, string operation, params Node[] inputs) =>
        graph.Add(OperationTable.Get(operation), inputs);

    /// <summary>A number of the sizes, as an i32 scalar.</summary>
    public static Node Int(this Graph graph, Polynomial size) =>
        size.IsConstant ? graph.Constant(size.Value, DType.I32) : graph.Size(size);

    public static Node Cast(this Graph graph, Node node, DType type) => graph.Of(node).Cast(type);
}
