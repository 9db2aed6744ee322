using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Spec;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler;

/// <summary>The whole compiler: a pure function from specs to C# and diagnostics.</summary>
public static class ModelCompiler
{
    /// <param name="model">A record of kind Model.</param>
    /// <param name="library">Every layer of the same compilation; layers from elsewhere are in the specs' imports.</param>
    public static CompileResult Compile(RecordSpec model, IReadOnlyList<RecordSpec> library)
    {
        var elaborated = Elaborator.Elaborate(model, library);
        return new CompileResult(
            elaborated.Variants.Count == 0 ? EquatableArray<GeneratedFile>.Empty : ModelPrinter.Print(ModelPrograms.Lower(elaborated, CSharpCpuTarget.Rules)).ToEquatableArray(),
            elaborated.Diagnostics);
    }
}

/// <param name="Files">Empty where a diagnostic is an error.</param>
public sealed record CompileResult(EquatableArray<GeneratedFile> Files, EquatableArray<CompileDiagnostic> Diagnostics);

/// <param name="Name">Unique in the compilation, "Gpt2.Training.g.cs".</param>
public sealed record GeneratedFile(string Name, string Text);
