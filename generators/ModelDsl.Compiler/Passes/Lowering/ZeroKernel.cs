using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>The kernel that fills a view with zeros.</summary>
internal static class ZeroKernel
{
    public static (Kernel Kernel, EquatableArray<Field> Fields) Build(View to)
    {
        var operands = new OperandTable(to.Shape);
        string destination = operands.Write(to.Storage.Type, to, perRow: false, "destination");
        return (
            new Kernel("Zero", new[] { "destination = 0" }, operands.Operands.ToArray(), EquatableArray<ScalarParameter>.Empty, new KernelStatement[]
            {
                new Let(0, PerRow: true, new ConstantValue(0), to.Storage.Type),
                new ColumnLoop(new KernelStatement[] { new Store(destination, 0, PerRow: false, Accumulate: false) }),
            }, Chunked: false),
            operands.Fields.ToEquatableArray());
    }
}
