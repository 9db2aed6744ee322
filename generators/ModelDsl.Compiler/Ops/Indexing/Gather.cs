using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// <c>gather (table, ids)</c>: rows of a table [V, C] at i32 ids [...]: [..., C]. An id outside [0, V) is an error of the
/// caller.
/// </summary>
public sealed class Gather : Operation
{
    public override string Name => "gather";

    public override TensorType[] Infer(NodeView node)
    {
        Node table = node.Inputs[0], ids = node.Inputs[1];
        ShapeRules.Expect(ids, Name, DType.I32);
        if (table.Shape.Rank != 2) throw new ShapeException($"cannot look up rows of {table.Shape}: a table is [rows, columns]");
        return [new(table.DType, new Shape([.. ids.Shape.Sizes, table.Shape[1]]))];
    }

    public override DecodeRule Decode(Node node) => TokenAxis.Unless(node, _ => true);

    public override double[][] Interpret(InterpretCall call)
    {
        int rows = (int)call.InputShapes[0][0], columns = (int)call.InputShapes[0][1];
        return [call.Inputs[1].SelectMany(id => id >= 0 && id < rows ? call.Inputs[0].Skip((int)id * columns).Take(columns)
            : throw new ArgumentOutOfRangeException(nameof(call), $"id {id} is outside a table of {rows} rows")).ToArray()];
    }

    public override IReadOnlyList<Node?> Gradient(Graph graph, Node node, IReadOnlyList<Node?> results) =>
        [graph.Of(node.Inputs[1]).Apply<ScatterAdd>(Attributes.None.With("count", node.Inputs[0].Shape[0]), graph.Of(results[0]!)).Node, null];

    public override IReadOnlyList<SurfaceMethod> Surface =>
    [
        Method("Tensor Lookup(Tensor table, Tokens ids)", "Rows of a table [V, C] at ids [...]: [..., C].", call => call.Tensor("table").Gather(call.Tensor("ids"))),
        Method("Tensor Lookup(Tensor table, Labels ids)", "Rows of a table [V, C] at labels [B]: [B, C].", call => call.Tensor("table").Gather(call.Tensor("ids"))),
    ];

    public override IEnumerable<OperationCase> Cases =>
        [OperationCase.Of("repeated ids", x => x[0].Gather(x[1]).Sin(), CaseInput.Floats(5, "C"), CaseInput.Integers(5, "B", "T"))];
}
