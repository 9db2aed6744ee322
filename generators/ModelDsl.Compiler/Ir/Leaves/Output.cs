
namespace ModelDsl.Compiler.Ir;

/// <summary><c>output {index} (node)</c>: one result of a node of several, or of a scan, which are read through it alone.</summary>
public sealed class Output : Operation
{
    public override string Name => "output";
    public override bool IsView => true;

    public override TensorType[] Infer(NodeView node)
    {
        int index = node.Attributes.Int("index");
        var types = node.Inputs[0].Types;
        return index >= 0 && index < types.Count ? [types[index]] : throw new ShapeException($"{node.Inputs[0].Operation.Name} has {types.Count} results, none with index {index}");
    }

    public override DecodeRule Decode(Node node) => DecodeRule.PerToken;
}
