using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu.Calls;

/// <summary>Rotation at positions that count up, by a table of cosines and sines.</summary>
internal sealed class RopeCall : CSharpCall<Rope>
{
    public override bool Supports(Node node) => PositionRange.Is(node.Inputs[1], out _) && node.Inputs[2].IsHostScalar();
    public override InputForm Input(Node node, int index) => index switch { 0 => InputForm.Rows(2), 1 => InputForm.Range, _ => InputForm.Host };
    public override ResultForm Result(Node node, int index) => new(2, Sequences: true);

    public override void Print(CallPrinter call)
    {
        var shape = call.Node.Shape;
        View source = call.Input(0), destination = call.Result();
        string start = call.Text(call.Host(1)), length = start == "0" ? call.Int(shape[1]) : $"{start} + {call.Int(shape[1])}", rotary = call.Int(call.Node.Attributes.SizeOf("rotary"));
        call.Comment();
        call.Launch("Rope", call.Int(shape[0] * shape[1]),
            ("Source", call.Pointer(source)), ("Destination", call.Pointer(destination)),
            ("SourceStride", call.Int(source.RowStride(2))), ("DestinationStride", call.Int(destination.Strides[1])),
            ("DestinationBatchStride", call.Long(destination.Strides[0])),
            ("Heads", call.Int(shape[2])), ("HeadSize", call.Int(shape[3])), ("RotaryDim", rotary), ("Length", call.Int(shape[1])), ("Start", start),
            ("Table", $"RopeTables.For(_device, {length}, {rotary}, {call.Text(call.Host(2))})"),
            ("Layout", call.Node.Attributes.Get<bool>("interleaved") ? "RopeLayout.Interleaved" : "RopeLayout.Half"),
            ("Backward", call.Node.Attributes.Get<bool>("backward") ? "true" : "false"));
    }
}
