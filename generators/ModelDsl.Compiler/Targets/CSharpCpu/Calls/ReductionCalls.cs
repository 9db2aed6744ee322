using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu.Calls;

internal sealed class SumCall : CSharpCall<Sum>
{
    public override InputForm Input(Node node, int index) => InputForm.Rows(int.MaxValue);
    public override ResultForm Result(Node node, int index) => new(int.MaxValue);
    public override bool Accumulates => true;
    public override void Print(CallPrinter call) => ReductionForms.Print(call, maximum: false);
}

internal sealed class ReduceMaxCall : CSharpCall<ReduceMax>
{
    public override InputForm Input(Node node, int index) => InputForm.Rows(int.MaxValue);
    public override ResultForm Result(Node node, int index) => new(int.MaxValue);
    public override void Print(CallPrinter call) => ReductionForms.Print(call, maximum: true);
}

/// <summary>A reduction over neighbouring axes: [outer, reduced, inner] to [outer, inner]. Where no kernel does it on the way.</summary>
internal static class ReductionForms
{
    public static void Print(CallPrinter call, bool maximum)
    {
        var sizes = call.Input(0).Shape.Sizes;
        int[] axes = call.Node.Attributes.Integers("axes");
        int first = axes.Min(), last = axes.Max();
        Polynomial outer = new Shape(sizes.Take(first)).Count, inner = new Shape(sizes.Skip(last + 1)).Count, reduced = new Shape(sizes.Skip(first).Take(last + 1 - first)).Count;
        call.Comment(first == 0 && last == 0 && reduced.Equals(Kernel.Chunks) ? $"the sum of the chunks of {call.Words(0)}, in order" : null);
        if (!maximum && outer.IsOne && reduced.Equals(Kernel.Chunks))
            call.Launch("AddPartials", null, ("Partials", call.Pointer(call.Input(0))), ("Destination", call.Pointer(call.Result())), ("Columns", call.Int(inner)), ("Accumulate", call.Flag));
        else
            call.Launch("ReduceAxis", call.Int(outer), ("Source", call.Pointer(call.Input(0))), ("Destination", call.Pointer(call.Result())),
                ("Reduced", call.Int(reduced)), ("Inner", call.Int(inner)), ("Maximum", maximum ? "true" : "false"), ("Accumulate", call.Flag));
    }
}
