using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>The kernel that moves a value from one set of strides to another, or adds it to what is there.</summary>
internal static class CopyKernel
{
    public static KernelCall Build(View from, Destination to)
    {
        var type = from.Buffer.Type;
        var shape = to.View.Shape.Rank == 0 ? new Shape(Polynomial.One) : to.View.Shape;
        var operands = new OperandTable(shape);
        var (source, perRow) = operands.Read(type, from.Shape.Rank == 0 ? from.Reshape(shape)! : from, "source");
        int destination = operands.Write(type, to.View, perRow: false, "destination");
        bool accumulate = to.Mode != Accumulation.Overwrite;
        var load = new Let(0, perRow, new Load(source, perRow), type);
        var store = new Store(destination, 0, PerRow: false, accumulate);
        KernelStatement[] body = perRow
            ? [load, new ColumnLoop(new KernelStatement[] { store })]
            : [new ColumnLoop(new KernelStatement[] { load, store })];
        return operands.Call(accumulate ? "AddCopy" : "Copy", [], body, to.Mode, chunked: false);
    }
}
