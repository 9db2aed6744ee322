using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>
/// What a model's record gains: the interface through which its programs are made. Every member is an explicit implementation
/// and every type is named from the root, so that nothing meets the names of the user.
/// </summary>
internal static class RecordPrinter
{
    private const string Runtime = "global::ModelDsl.Runtime.";

    /// <param name="classes">For each variant, the names of its classes.</param>
    public static void Print(CodeWriter code, RecordSpec model, IReadOnlyList<EmittedClasses> classes)
    {
        bool decodes = classes.Any(c => c.Decode is not null);
        if (!decodes) code.Line($"// No generator of tokens: {classes[0].Reason}.");
        code.Block($"{model.Accessibility} partial record {Identifiers.Escape(model.Name)} : {Runtime}{(decodes ? "ILanguageModel" : "IModel")}", () =>
        {
            PrintFactory(code, model, classes, "IModel", "ModelProgram", "CreateProgram", c => c.Training);
            code.Line();
            PrintFactory(code, model, classes, "IModel", "ForwardProgram", "CreateForwardProgram", c => c.Forward);
            if (!decodes) return;
            code.Line();
            PrintFactory(code, model, classes, "ILanguageModel", "DecodeProgram", "CreateDecodeProgram", c => c.Decode);
        });
    }

    /// <summary>The same members, for a model with an error; one over tokens is taken for a language model.</summary>
    public static void PrintUnfinished(CodeWriter code, RecordSpec model)
    {
        bool tokens = model.Methods.Any(m => m.Name == "Forward" && m.Parameters.Count == 1 && m.Parameters[0].Kind == MethodParameterKind.Tokens);
        string error = $"throw new global::System.InvalidOperationException(\"{model.Name} was not compiled: the build reported an error in it.\");";
        code.Block($"{model.Accessibility} partial record {Identifiers.Escape(model.Name)} : {Runtime}{(tokens ? "ILanguageModel" : "IModel")}", () =>
        {
            code.Line($"{Runtime}ModelProgram {Runtime}IModel.CreateProgram() => {error}");
            code.Line($"{Runtime}ForwardProgram {Runtime}IModel.CreateForwardProgram() => {error}");
            if (tokens) code.Line($"{Runtime}DecodeProgram {Runtime}ILanguageModel.CreateDecodeProgram() => {error}");
        });
    }

    /// <param name="program">The class to make; null where there is none, for a reason.</param>
    private static void PrintFactory(
        CodeWriter code, RecordSpec model, IReadOnlyList<EmittedClasses> classes, string @interface, string type, string method, Func<EmittedClasses, string?> program) =>
        code.Block($"{Runtime}{type} {Runtime}{@interface}.{method}()", () =>
        {
            foreach (var emitted in classes)
            {
                string condition = string.Join(" && ", emitted.Variant.Structure.Select(s => $"this.{Identifiers.Escape(s.Hyperparameter)} == {Literal(model, s)}"));
                string statement = program(emitted) is { } made
                    ? $"return new global::{ModelPrinter.Namespace(model)}.{made}(this);"
                    : $"throw new global::System.NotSupportedException(\"{model.Name} with {emitted.Variant.Key}: {emitted.Reason}.\");";
                if (condition.Length == 0) code.Line(statement);
                else code.Line($"if ({condition})").Indent(() => code.Line(statement));
            }
            if (classes.All(c => c.Variant.Structure.Count > 0))
                code.Line($"throw new global::System.ArgumentException($\"{model.Name}: this structure is not compiled: "
                    + $"{string.Join(", ", classes[0].Variant.Structure.Select(s => $"{s.Hyperparameter} = {{this.{Identifiers.Escape(s.Hyperparameter)}}}"))}. Make it a [Preset], and it will be.\");");
        });

    private static string Literal(RecordSpec model, StructuralValue value)
    {
        var hyper = model.Hyperparameters.First(h => h.Name == value.Hyperparameter);
        return hyper.Kind == HyperparameterKind.Bool ? value.Member : $"{hyper.TypeName}.{Identifiers.Escape(value.Member)}";
    }
}

/// <summary>The classes that were emitted for one structure of a model.</summary>
/// <param name="Decode">Null where it has no such program, for <paramref name="Reason"/>.</param>
internal sealed record EmittedClasses(Variant Variant, string Training, string Forward, string? Decode, string? Reason);
