using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>What a model's record gains: its program, and a trainer.</summary>
internal static class RecordPrinter
{
    public static void Print(CodeWriter code, RecordSpec model, IReadOnlyList<(string Program, Variant Variant)> programs) =>
        code.Block($"{model.Accessibility} partial record {model.Name}", () =>
        {
            code.Summary("The compiled training step at these hyperparameters.");
            code.Line("/// <exception cref=\"ArgumentException\">The hyperparameters do not fit one another, or their structure was not compiled.</exception>");
            code.Block("public ModelProgram CreateProgram()", () =>
            {
                foreach (var (program, variant) in programs)
                {
                    string condition = string.Join(" && ", variant.Structure.Select(s => $"{s.Hyperparameter} == {Literal(model, s)}"));
                    void Body()
                    {
                        foreach (var guard in variant.Guards)
                            code.Line($"if (!({guard.Condition})) throw new ArgumentException(FormattableString.Invariant($\"{model.Name}: {guard.Message} ({string.Join(", ", guard.Terms.SelectMany(t => t.Symbols()).Distinct().Select(s => $"{s} = {{{s}}}"))}).\"));");
                        code.Line($"return new {program}(this);");
                    }
                    if (condition.Length == 0) Body();
                    else code.Block($"if ({condition})", Body);
                }
                if (programs.All(p => p.Variant.Structure.Count > 0))
                    code.Line($"throw new ArgumentException($\"{model.Name}: this structure is not compiled: {string.Join(", ", programs[0].Variant.Structure.Select(s => $"{s.Hyperparameter} = {{{s.Hyperparameter}}}"))}. Make it a [Preset], and it will be.\");");
            });
            code.Line();
            code.Summary("A trainer with fresh weights.");
            code.Line("public Trainer CreateTrainer(Device device, TrainerOptions options) => new(CreateProgram(), device, options);");
        });

    private static string Literal(RecordSpec model, StructuralValue value)
    {
        var hyper = model.Hyperparameters.First(h => h.Name == value.Hyperparameter);
        return hyper.Kind == HyperparameterKind.Bool ? value.Member : $"{hyper.TypeName}.{value.Member}";
    }
}
