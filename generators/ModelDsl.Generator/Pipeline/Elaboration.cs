using ModelDsl.Compiler.Ir;
using System;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Pipeline;

/// <summary>What the IDE waits for of a model, and the graphs that its programs are made of.</summary>
/// <param name="Declaration">What the record gains: one file, or none where the record cannot be added to.</param>
/// <param name="Model">Null where it has an error. It compares by reference, so a new elaboration is compiled again.</param>
internal sealed record Elaboration(EquatableArray<GeneratedFile> Declaration, EquatableArray<CompileDiagnostic> Diagnostics, ElaboratedModel? Model)
{
    public static Elaboration Of(CompileInput input)
    {
        if (!input.Sound) return new(Unfinished(input), default, null);
        try
        {
            var model = Elaborator.Elaborate(input.Model, input.Library);
            return model.Variants.Count == 0 ? new(Unfinished(input), model.Diagnostics, null)
                : new(new([ModelCompiler.Declare(model)]), model.Diagnostics, model);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new(Unfinished(input), new([Defect(input.Model, error)]), null);
        }
    }

    /// <summary>What ended a compilation: sizes that have no meaning (a division by 0) are the record's error, the rest a defect.</summary>
    public static CompileDiagnostic Defect(RecordSpec model, Exception error)
    {
        if (error is ShapeException) return new(Catalogue.ShapesDoNotFit.Id, model.FullName, -1, new([error.Message, ""]));
        // The method that failed, without the place of its source on the machine that it was built on.
        string where = (error.StackTrace ?? "").Split('\n')[0].Split([" in "], StringSplitOptions.None)[0].Trim();
        return new(Catalogue.Defect.Id, model.FullName, -1, new([model.Name, $"{error.GetType().Name}: {error.Message} {where}"]));
    }

    /// <summary>The same members without programs: what uses a model that is being written has no errors of its own.</summary>
    private static EquatableArray<GeneratedFile> Unfinished(CompileInput input) =>
        input.IsPartial ? new([ModelCompiler.DeclareUnfinished(input.Model)]) : default;
}
