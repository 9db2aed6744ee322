using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>The class that computes the next token's logits of a language model from what the tokens before have left.</summary>
internal static class DecodePrinter
{
    public static void Print(CodeWriter code, string name, string weights, RecordSpec model, VariantPrograms programs, Identifiers identifiers)
    {
        var variant = programs.Variant;
        var entry = programs.Decode!;
        code.Summary(
            $"A decode step of {model.Name}{(variant.Key.Length == 0 ? "" : $" with {variant.Key}")}: the logits that follow new tokens, given what the tokens before them left.",
            $"B: sequences. T: new tokens of each, at positions Start, Start + 1, ... Room: positions that the states have room for. The other sizes are the hyperparameters of {model.Name}.");
        code.Block($"internal sealed unsafe class {name} : global::ModelDsl.Runtime.EmittedDecodeProgram", () =>
        {
            ProgramMembers.PrintFields(code, model, weights, identifiers);
            code.Block($"public {name}(Record model)", () =>
            {
                ProgramMembers.PrintAssignments(code, model, weights, identifiers);
                code.List("States = [", entry.States.Select(s => Describe(s, identifiers)), "];");
                code.Line($"Vocabulary = {WeightsPrinter.Plain(entry.Results[0].View.Shape[-1], identifiers)};");
                code.Line($"LengthLimit = {Limit(variant, identifiers)};");
            });
            ProgramMembers.PrintDescription(code, model);
            code.Line();
            new StepPrinter(code, entry, identifiers, ProgramMembers.NewMethods(), ProgramMembers.Places(programs.DecodeInputs))
                .Print("The new tokens through all layers, and the last of them through the head.", "protected override float* Decode()");
        });
    }

    private static string Describe(State state, Identifiers identifiers)
    {
        var sizes = state.Buffer.Shape.Sizes;
        var width = new Shape(sizes.Skip(state.PerPosition ? 3 : 2)).Count;
        return $"new StateInfo(\"{state.Name}\", {WeightsPrinter.Plain(sizes[0], identifiers)}, {WeightsPrinter.Plain(width, identifiers)}, PerPosition: {(state.PerPosition ? "true" : "false")})";
    }

    private static string Limit(Variant variant, Identifiers identifiers) => variant.LengthLimits.Count == 0 ? "int.MaxValue"
        : variant.LengthLimits.Skip(1).Aggregate(WeightsPrinter.Plain(variant.LengthLimits[0], identifiers), (least, limit) => $"Math.Min({least}, {WeightsPrinter.Plain(limit, identifiers)})");
}
