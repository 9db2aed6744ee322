using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu.Calls;

internal sealed class GatherCall : CSharpCall<Gather>
{
    public override InputForm Input(Node node, int index) => InputForm.Rows(int.MaxValue);
    public override ResultForm Result(Node node, int index) => new(int.MaxValue);

    public override void Print(CallPrinter call)
    {
        call.Comment($"the rows {call.Words(1)} of {call.Words(0)}");
        call.Launch("EmbeddingGather", call.Int(new Shape(call.Node.Shape.Sizes.Take(call.Node.Shape.Rank - 1)).Count),
            ("Table", call.Pointer(call.Input(0))), ("Ids", call.Pointer(call.Input(1))), ("Output", call.Pointer(call.Result())), ("Width", call.Int(call.Input(0).Shape[1])));
    }
}

internal sealed class ScatterAddCall : CSharpCall<ScatterAdd>
{
    public override InputForm Input(Node node, int index) => InputForm.Rows(int.MaxValue);
    public override ResultForm Result(Node node, int index) => new(2);
    public override bool Accumulates => true;

    public override void Print(CallPrinter call)
    {
        var table = call.Result();
        call.Comment($"{call.Words(1)}, each row added to the row of its id in {call.Words(0)}");
        (string, string)[] fields = [("Destination", call.Pointer(table)), ("Columns", call.Int(table.Shape[1]))];
        if (call.Accumulation == Accumulation.Overwrite) call.Launch("FillZero", call.Int(table.Shape[0]), fields);
        else if (call.Accumulation == Accumulation.FromSecondMicroStep) call.Launch("FillZeroOrKeep", call.Int(table.Shape[0]), [.. fields, ("Accumulate", call.Flag)]);
        call.Launch("EmbeddingScatterAdd", null, ("TableGradient", call.Pointer(table)), ("Gradient", call.Pointer(call.Input(1))),
            ("Ids", call.Pointer(call.Input(0))), ("Tokens", call.Int(call.Node.Inputs[0].Shape.Count)), ("Width", call.Int(table.Shape[1])));
    }
}
