using System.Linq;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>The class that computes what a model's Forward returns, for whole batches.</summary>
internal static class ForwardPrinter
{
    public static void Print(CodeWriter code, string name, string weights, RecordSpec model, VariantPrograms programs, Identifiers identifiers)
    {
        var variant = programs.Variant;
        code.Summary($"The Forward of {model.Name}{(variant.Key.Length == 0 ? "" : $" with {variant.Key}")} on whole batches.", ProgramMembers.Legend(model));
        code.Block($"internal sealed unsafe class {name} : global::ModelDsl.Runtime.EmittedForwardProgram", () =>
        {
            ProgramMembers.PrintFields(code, model, weights, identifiers);
            code.Block($"public {name}(Record model)", () =>
            {
                ProgramMembers.PrintAssignments(code, model, weights, identifiers);
                code.List("Inputs = [", variant.Forward.Inputs.Select(i => ProgramMembers.Describe(i, identifiers)), "];");
                code.List("Results = [", programs.Forward.Results.Select(r => Describe(r, identifiers)), "];");
            });
            ProgramMembers.PrintDescription(code, model);
            ProgramMembers.PrintLengthCheck(code, variant, identifiers);
            code.Line();
            new StepPrinter(code, programs.Forward, identifiers, ProgramMembers.NewMethods(), ProgramMembers.Places(variant.Forward.Inputs))
                .Print("Forward of one batch.", "protected override void Forward(float** outputs)");
        });
    }

    private static string Describe(EntryResult result, Identifiers identifiers)
    {
        var shape = result.View.Shape;
        bool perToken = ProgramMembers.IsPerToken(shape);
        return $"new OutputInfo(\"{result.Name}\", PerToken: {(perToken ? "true" : "false")}, [{string.Join(", ", shape.Sizes.Skip(perToken ? 2 : 1).Select(s => WeightsPrinter.Plain(s, identifiers)))}])";
    }
}
