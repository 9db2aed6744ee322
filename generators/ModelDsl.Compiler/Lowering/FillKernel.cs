using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>The kernel that fills a view with a number that the host knows.</summary>
internal static class FillKernel
{
    public static KernelCall Build(View to, HostExpression value)
    {
        if (to.Shape.Rank == 0) to = to.Reshape(new Shape(Polynomial.One))!;
        var operands = new OperandTable(to.Shape);
        int destination = operands.Write(to.Buffer.Type, to, perRow: false, "destination");
        return operands.Call("Fill", [(new ScalarParameter("Value", value.Type), value)],
        [
            new Let(0, PerRow: true, new ScalarValue(0), to.Buffer.Type),
            new ColumnLoop(new KernelStatement[] { new Store(destination, 0, PerRow: false, Accumulate: false) }),
        ], Accumulation.Overwrite, chunked: false);
    }
}
