using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>What a model's record gains: its programs, and a trainer.</summary>
internal static class RecordPrinter
{
    public static void Print(CodeWriter code, RecordSpec model, IReadOnlyList<VariantPrograms> programs)
    {
        bool decodes = programs.Any(p => p.Decode is not null);
        if (!decodes) code.Line($"// No generator of tokens: {programs[0].Reason}.");
        code.Block($"{model.Accessibility} partial record {model.Name} : {(decodes ? "ILanguageModel" : "IModel")}", () =>
        {
            PrintFactory(code, model, programs, "The compiled training step at these hyperparameters.", "ModelProgram CreateProgram()", p => p.Training, null);
            code.Line();
            PrintFactory(code, model, programs, "The compiled Forward at these hyperparameters.", "ForwardProgram CreateForwardProgram()", p => p.Forward, null);
            if (decodes)
            {
                code.Line();
                PrintFactory(code, model, programs, "The compiled inference step at these hyperparameters.", "DecodeProgram CreateDecodeProgram()", p => p.Decode, p => p.Reason);
            }
            code.Line();
            code.Summary("A trainer with fresh weights.");
            code.Line("public Trainer CreateTrainer(Device device, TrainerOptions options) => new(CreateProgram(), device, options);");
        });
    }

    /// <param name="program">The class to make; null where there is none, for a reason.</param>
    private static void PrintFactory(
        CodeWriter code, RecordSpec model, IReadOnlyList<VariantPrograms> programs, string summary, string head, Func<VariantPrograms, string?> program, Func<VariantPrograms, string?>? reason)
    {
        code.Summary(summary);
        code.Line("/// <exception cref=\"ArgumentException\">The hyperparameters do not fit one another, or their structure was not compiled.</exception>");
        if (programs.Any(p => program(p) is null)) code.Line("/// <exception cref=\"NotSupportedException\">There is none for this structure.</exception>");
        code.Block($"public {head}", () =>
        {
            foreach (var variant in programs)
            {
                string condition = string.Join(" && ", variant.Variant.Structure.Select(s => $"{s.Hyperparameter} == {Literal(model, s)}"));
                void Body()
                {
                    if (program(variant) is not { } made)
                    {
                        code.Line($"throw new NotSupportedException(\"{model.Name} with {variant.Variant.Key}: {reason!(variant)}.\");");
                        return;
                    }
                    foreach (var guard in variant.Variant.Guards)
                        code.Line($"if (!({guard.Condition})) throw new ArgumentException(FormattableString.Invariant($\"{model.Name}: {guard.Message} ({string.Join(", ", guard.Terms.SelectMany(t => t.Symbols()).Distinct().Select(s => $"{s} = {{{s}}}"))}).\"));");
                    code.Line($"return new {made}(this);");
                }
                if (condition.Length == 0) Body();
                else code.Block($"if ({condition})", Body);
            }
            if (programs.All(p => p.Variant.Structure.Count > 0))
                code.Line($"throw new ArgumentException($\"{model.Name}: this structure is not compiled: {string.Join(", ", programs[0].Variant.Structure.Select(s => $"{s.Hyperparameter} = {{{s.Hyperparameter}}}"))}. Make it a [Preset], and it will be.\");");
        });
    }

    private static string Literal(RecordSpec model, StructuralValue value)
    {
        var hyper = model.Hyperparameters.First(h => h.Name == value.Hyperparameter);
        return hyper.Kind == HyperparameterKind.Bool ? value.Member : $"{hyper.TypeName}.{value.Member}";
    }
}
