using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>The files of one model: its record's other half, the programs of each structure in use, and their kernels.</summary>
public static class ModelPrinter
{
    /// <summary>The record's other half.</summary>
    /// <param name="reasons">For each variant why it has no decode program; null where it has one.</param>
    public static GeneratedFile Record(ElaboratedModel model, IReadOnlyList<string?> reasons) =>
        RecordFile(model.Model, code => RecordPrinter.Print(code, model.Model, [.. model.Variants.Select((variant, i) => Classes(model.Model, variant, reasons[i]))]));

    /// <summary>The record's other half where the model has an error.</summary>
    public static GeneratedFile UnfinishedRecord(RecordSpec model) => RecordFile(model, code => RecordPrinter.PrintUnfinished(code, model));

    public static IReadOnlyList<GeneratedFile> Programs(ModelPrograms programs)
    {
        var model = programs.Model;
        var files = new List<GeneratedFile>();
        var identifiers = new Identifiers(model, programs.Kernels.Select(k => k.Name));
        foreach (var variant in programs.Variants)
        {
            string weights = model.Name + "Weights" + Suffix(variant.Variant);
            var emitted = Classes(model, variant.Variant, variant.Reason);
            files.Add(File(model, weights, code => WeightsPrinter.Print(code, weights, model, variant.Variant, identifiers)));
            files.Add(File(model, emitted.Training, code => ProgramPrinter.Print(code, emitted.Training, weights, model, variant, identifiers)));
            files.Add(File(model, emitted.Forward, code => ForwardPrinter.Print(code, emitted.Forward, weights, model, variant, identifiers)));
            if (emitted.Decode is { } decode) files.Add(File(model, decode, code => DecodePrinter.Print(code, decode, weights, model, variant, identifiers)));
        }
        var epilogues = new HashSet<string>(programs.Variants.SelectMany(v => v.Entries).SelectMany(e => Epilogues(e.Steps)));
        files.Add(File(model, model.Name + "Kernels", code =>
        {
            for (int i = 0; i < programs.Kernels.Count; i++)
            {
                if (i > 0) code.Line();
                KernelPrinter.Print(programs.Kernels[i], code, epilogues.Contains(programs.Kernels[i].Name));
            }
        }));
        return files;
    }

    /// <param name="reason">Why it has no decode program; null where it has one.</param>
    private static EmittedClasses Classes(RecordSpec model, Variant variant, string? reason)
    {
        string Name(string kind) => model.Name + kind + Suffix(variant);
        return new EmittedClasses(variant, Name("Program"), Name("ForwardProgram"), reason is null ? Name("DecodeProgram") : null, reason);
    }

    /// <summary>
    /// Programs and kernels have a namespace of their own, with its usings inside: their names and those of the runtime are found
    /// before any of the user's.
    /// </summary>
    public static string Namespace(RecordSpec model) =>
        $"ModelDsl.Emitted.{(model.Namespace.Length == 0 ? "" : model.Namespace.Replace('.', '_') + "_")}{model.Name}_";

    /// <summary>"Bias=true Norm=Rms" is "BiasTrueNormRms".</summary>
    private static string Suffix(Variant variant) => string.Concat(variant.Structure.Select(s => s.Hyperparameter + BufferNames.Pascal(s.Member)));

    /// <summary>The kernels that are given rectangles of a product, by name.</summary>
    internal static IEnumerable<string> Epilogues(IEnumerable<Step> steps) =>
        steps.All().OfType<MatMulStep>().Select(p => p.Epilogue?.Kernel.Name).OfType<string>();

    private static GeneratedFile File(RecordSpec model, string name, Action<CodeWriter> print)
    {
        var code = Header();
        code.Line($"namespace {Namespace(model)};").Line();
        foreach (string space in new[] { "System", "System.Collections.Generic", "System.Runtime.CompilerServices", "System.Runtime.Intrinsics", "ModelDsl", "ModelDsl.Runtime", "ModelDsl.Runtime.Cpu" })
            code.Line($"using global::{space};");
        code.Line($"using Record = global::{(model.Namespace.Length == 0 ? "" : string.Concat(model.Namespace.Split('.').Select(p => Identifiers.Escape(p) + ".")))}{Identifiers.Escape(model.Name)};");
        code.Line();
        print(code);
        return new GeneratedFile(model.FullName, FileName(model, name), code.ToString());
    }

    private static GeneratedFile RecordFile(RecordSpec model, Action<CodeWriter> print)
    {
        var code = Header();
        if (model.Namespace.Length > 0) code.Line($"namespace {string.Join(".", model.Namespace.Split('.').Select(Identifiers.Escape))};").Line();
        print(code);
        return new GeneratedFile(model.FullName, FileName(model, model.Name), code.ToString());
    }

    private static CodeWriter Header() => new CodeWriter().Line("// <auto-generated/>").Line("#nullable enable").Line();

    /// <summary>"Gpt.g.cs" and "Gpt.Program.g.cs", so that no two models' files meet.</summary>
    private static string FileName(RecordSpec model, string name)
    {
        string part = name.Length > model.Name.Length ? "." + name.Substring(model.Name.Length) : "";
        return $"{(model.Namespace.Length == 0 ? "" : model.Namespace + ".")}{model.Name}{part}.g.cs";
    }
}
