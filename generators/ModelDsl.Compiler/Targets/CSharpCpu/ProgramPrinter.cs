using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>The class that trains one structure of a model.</summary>
internal static class ProgramPrinter
{
    public static void Print(CodeWriter code, string name, string weights, RecordSpec model, VariantPrograms programs, Identifiers identifiers)
    {
        var variant = programs.Variant;
        var methods = ProgramMembers.NewMethods();
        var places = ProgramMembers.Places(variant.Training.Inputs);
        code.Summary($"A training step of {model.Name}{(variant.Key.Length == 0 ? "" : $" with {variant.Key}")}: forward, loss and backward.", ProgramMembers.Legend(model));
        code.Block($"internal sealed unsafe class {name} : global::ModelDsl.Runtime.EmittedProgram", () =>
        {
            ProgramMembers.PrintFields(code, model, weights, identifiers);
            code.Block($"public {name}(Record model)", () =>
            {
                ProgramMembers.PrintAssignments(code, model, weights, identifiers);
                code.List("Inputs = [", variant.Training.Inputs.Select(i => ProgramMembers.Describe(i, identifiers)), "];");
            });
            ProgramMembers.PrintDescription(code, model);
            code.Line("public override IReadOnlyList<InputInfo> Inputs { get; }").Line();
            Flops.Print(code, programs.Train, identifiers);
            ProgramMembers.PrintLengthCheck(code, variant, identifiers);
            code.Line();
            new StepPrinter(code, programs.Train, identifiers, methods, places).Print("Forward and backward of one batch.", "protected override float* Train()");
            code.Line();
            new StepPrinter(code, programs.Evaluate, identifiers, methods, places).Print("The loss of one batch.", "protected override float* Evaluate()");
        });
    }
}
