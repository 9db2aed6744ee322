
namespace ModelDsl.Compiler.Ir;

/// <summary>
/// <c>parameter {name, kind, dtype, shape}</c>: a value that comes from outside the region. Kind is one of
/// <see cref="ParameterKind"/>; weights and inputs belong to the model, the others to the body of a scan, in its order.
/// </summary>
public sealed class Parameter : Operation
{
    public override string Name => "parameter";
    public override TensorType[] Infer(NodeView node) => [new(node.Attributes.DTypeOf(), node.Attributes.ShapeOf())];
}

/// <summary>The kinds of a <see cref="Parameter"/>.</summary>
public static class ParameterKind
{
    public const string Weight = "weight", Input = "input", Carry = "carry", Slice = "slice", Shared = "shared";

    public static readonly IReadOnlyList<string> All = [Weight, Input, Carry, Slice, Shared];

    public static string ParameterName(this Node parameter) => parameter.Attributes.Get<string>("name");
    public static bool IsParameter(this Node node, string kind) => node.Is<Parameter>() && node.Attributes.Get<string>("kind") == kind;
}
