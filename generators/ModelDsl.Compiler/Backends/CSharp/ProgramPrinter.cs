using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes.Lowering;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>The class that trains one structure of a model: tables, memory plans, and the launch lists of a step.</summary>
internal static class ProgramPrinter
{
    /// <summary>The scalar that the gradient of the loss starts from.</summary>
    public const string GradientScale = "GradientScale";

    public static void Print(CodeWriter code, string name, RecordSpec model, Variant variant, LaunchList train, LaunchList evaluate)
    {
        var offsets = ProgramFields.Offsets(variant, variant.Training);
        code.Summary(
            $"A training step of {model.Name}{(variant.Key.Length == 0 ? "" : $" with {variant.Key}")}: forward, loss and backward, layer by layer.",
            $"B: sequences in a batch. T: tokens in a sequence. The other sizes are the hyperparameters of {model.Name}.");
        code.Block($"internal sealed unsafe class {name} : EmittedProgram", () =>
        {
            PrintFields(code, name, model, variant);
            ProgramFields.PrintDescription(code, model);
            code.Line();
            code.Block("public override long ScratchFloats(int batch, int length)", () =>
            {
                code.Line("Prepare(batch, length);");
                code.Line("return Math.Max(_trainPlan.Floats, _evaluatePlan.Floats);");
            });
            code.Line();
            code.Block("public override double StepFlops(int batch, int length)", () =>
            {
                code.Line("Prepare(batch, length);");
                code.Line($"return {Flops.Text(train.Instructions)};");
            });
            PrintStep(code, "public override float Train(Device device, in StepBuffers buffers, bool accumulate, float gradientScale)", "Train", train,
                "(_accumulate, GradientScale) = (accumulate, gradientScale);");
            PrintStep(code, "public override float Evaluate(Device device, in StepBuffers buffers)", "Evaluate", evaluate, "");
            PrintBinding(code, variant);
            code.Line();
            new LaunchPrinter(code, "Train", train, offsets).Print("Forward and backward of one batch.");
            code.Line();
            new LaunchPrinter(code, "Evaluate", evaluate, offsets).Print("Forward of one batch.");
        });
    }

    private static void PrintFields(CodeWriter code, string name, RecordSpec model, Variant variant)
    {
        ProgramFields.PrintFields(code, model, variant, "Inputs");
        code.Line("private float* _weights, _gradients, _scratch;");
        code.Line("private void** _inputs;");
        code.Line("private int B, T;");
        code.Line("private long Step;");
        code.Line("private ulong Seed;");
        code.Line("private bool _accumulate;");
        code.Line($"private float {GradientScale};");
        code.Line();
        code.Block($"public {name}({model.Name} model)", () =>
        {
            ProgramFields.PrintAssignments(code, model, variant);
            code.Line($"SetInputs([{string.Join(", ", variant.Training.Inputs.Select(ProgramFields.Describe))}]);");
        });
    }

    private static void PrintStep(CodeWriter code, string head, string method, LaunchList list, string set)
    {
        var loss = list.Scratch.Select((l, i) => (l.Storage, i)).First(p => p.Storage == list.Results["loss"].Storage).i;
        code.Line();
        code.Block(head, () =>
        {
            code.Line("Bind(device, buffers);");
            if (set.Length > 0) code.Line(set);
            code.Line($"{method}();");
            code.Line($"return device.ReadFloat(_scratch + _{Naming.Camel(method)}Plan[{loss}]);");
        });
    }

    private static void PrintBinding(CodeWriter code, Variant variant)
    {
        code.Line();
        code.Block("private void Bind(Device device, in StepBuffers buffers)", () =>
        {
            code.Line("Prepare(buffers.Batch, buffers.Length);");
            code.Line("_device = device;");
            foreach (string field in new[] { "Weights", "Gradients", "Scratch", "Inputs" }) code.Line($"_{Naming.Camel(field)} = buffers.{field};");
            code.Line("(Step, Seed) = (buffers.Step, buffers.Seed);");
        });
        code.Line();
        code.Block("private void Prepare(int batch, int length)", () =>
        {
            code.Line("if (batch == B && length == T) return;");
            ProgramFields.PrintLengthCheck(code, variant);
            code.Line("(B, T) = (batch, length);");
            code.Line("_trainPlan = PlanTrain();");
            code.Line("_evaluatePlan = PlanEvaluate();");
        });
    }
}
