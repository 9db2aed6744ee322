using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Passes.Decode;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Spec;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler;

/// <summary>The whole compiler: pure functions from specs to C# and diagnostics.</summary>
public static class ModelCompiler
{
    /// <param name="model">A record of kind Model.</param>
    /// <param name="library">Every layer of the same compilation; layers from elsewhere are in the specs' imports.</param>
    public static CompileResult Compile(RecordSpec model, IReadOnlyList<RecordSpec> library)
    {
        var elaborated = Elaborator.Elaborate(model, library);
        return new CompileResult(elaborated.Variants.Count == 0 ? default : Implement(elaborated).Prepend(Declare(elaborated)).ToEquatableArray(), elaborated.Diagnostics);
    }

    /// <summary>The members that the record gains, which make programs of <see cref="Implement"/>. It takes no lowering.</summary>
    public static GeneratedFile Declare(ElaboratedModel model) => ModelPrinter.Record(model, [.. model.Variants.Select(variant => LowerDecode.Run(variant.Forward).Reason)]);

    /// <summary>The same members for a model that has an error: they throw.</summary>
    public static GeneratedFile DeclareUnfinished(RecordSpec model) => ModelPrinter.UnfinishedRecord(model);

    /// <summary>The programs and their kernels.</summary>
    public static EquatableArray<GeneratedFile> Implement(ElaboratedModel model) =>
        ModelPrinter.Programs(ModelPrograms.Lower(model, CSharpCpuTarget.Rules)).ToEquatableArray();
}

/// <param name="Files">Empty where a diagnostic is an error.</param>
public sealed record CompileResult(EquatableArray<GeneratedFile> Files, EquatableArray<CompileDiagnostic> Diagnostics);

/// <param name="Record">The full name of the model that it belongs to.</param>
/// <param name="Name">Unique in the compilation, "Gpt2.Training.g.cs".</param>
public sealed record GeneratedFile(string Record, string Name, string Text);
