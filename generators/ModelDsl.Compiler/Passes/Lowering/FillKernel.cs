using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>The kernel that fills a view with a number that the host knows.</summary>
internal static class FillKernel
{
    /// <param name="value">The number as C#.</param>
    public static (Kernel Kernel, EquatableArray<Field> Fields) Build(View to, string value)
    {
        if (to.Shape.Rank == 0) to = to.Reshape(new Shape(Polynomial.One))!;
        var operands = new OperandTable(to.Shape);
        string destination = operands.Write(to.Storage.Type, to, perRow: false, "destination");
        return (
            new Kernel("Fill", new[] { "destination = value" }, operands.Operands.ToArray(), new[] { new ScalarParameter("Value", "float") }, new KernelStatement[]
            {
                new Let(0, PerRow: true, new ScalarValue("Value"), to.Storage.Type),
                new ColumnLoop(new KernelStatement[] { new Store(destination, 0, PerRow: false, Accumulate: false) }),
            }, Chunked: false),
            operands.Fields.Append(new Field("Value", new TextField(value))).ToEquatableArray());
    }
}
