using System.Collections.Generic;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Targets.CSharpCpu.Calls;

internal sealed class CrossEntropyCall : CSharpCall<CrossEntropy>
{
    public override InputForm Input(Node node, int index) => InputForm.Rows(index == 0 ? 1 : int.MaxValue);
    public override ResultForm Result(Node node, int index) => new(int.MaxValue);

    public override void Print(CallPrinter call)
    {
        var logits = call.Input(0);
        call.Comment();
        call.Launch("CrossEntropyLosses", call.Int(call.Node.Shape.Count), ("Logits", call.Pointer(logits)), ("Targets", call.Pointer(call.Input(1))),
            ("Losses", call.Pointer(call.Result())), ("Vocabulary", call.Int(logits.Shape[-1])), ("Stride", call.Int(logits.RowStride())));
    }
}

/// <summary>The gradient in the memory of the logits.</summary>
internal sealed class CrossEntropyGradientCall : CSharpCall<CrossEntropyGradient>
{
    public override InputForm Input(Node node, int index) => CrossEntropyForms.Input(index);
    public override (int Result, int Input)? InPlace => (0, 0);
    public override IEnumerable<ScratchForm> Scratch(Node node) => [new("Losses", node.Inputs[1].Shape)];

    public override void Print(CallPrinter call)
    {
        call.Comment($"(softmax({call.Words(0)}) - onehot({call.Words(1)})) * {call.Words(2)}, in the memory of {call.Words(0)}");
        CrossEntropyForms.Print(call, call.Result(0), call.Scratch(0));
    }
}

/// <summary>The losses, and the gradient in the memory of the logits, in one pass.</summary>
internal sealed class CrossEntropyStepCall : CSharpCall<CrossEntropyStep>
{
    public override InputForm Input(Node node, int index) => CrossEntropyForms.Input(index);
    public override ResultForm Result(Node node, int index) => new(index == 0 ? int.MaxValue : 1);
    public override (int Result, int Input)? InPlace => (1, 0);

    public override void Print(CallPrinter call)
    {
        call.Comment($"the losses of {call.Words(0)}, and in their memory (softmax({call.Words(0)}) - onehot({call.Words(1)})) * {call.Words(2)}");
        CrossEntropyForms.Print(call, call.Result(1), call.Result(0));
    }
}

internal static class CrossEntropyForms
{
    public static InputForm Input(int index) => index == 2 ? InputForm.Run : InputForm.Rows(index == 0 ? 1 : int.MaxValue);

    public static void Print(CallPrinter call, View logits, View losses)
    {
        var scale = call.Input(2);
        var stride = scale.Shape.Rank == 0 || scale.Strides.Count > 0 && IsRepeated(scale) ? Polynomial.Zero : scale.Collapse(0, scale.Shape.Rank)!;
        call.Launch("CrossEntropyRows", call.Int(call.Node.Inputs[1].Shape.Count),
            ("Logits", call.Pointer(logits)), ("Targets", call.Pointer(call.Input(1))), ("Losses", call.Pointer(losses)),
            ("Scale", call.Pointer(scale)), ("ScaleStride", call.Int(stride)),
            ("Vocabulary", call.Int(logits.Shape[-1])), ("Stride", call.Int(logits.RowStride())));
    }

    private static bool IsRepeated(View view)
    {
        for (int axis = 0; axis < view.Shape.Rank; axis++)
            if (!view.Strides[axis].IsZero && !view.Shape[axis].IsOne) return false;
        return true;
    }
}
