using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Generator;
using ModelDsl.Generator.Pipeline;
using ModelDsl.Generator.Tokenizers;

namespace ModelDsl.Cli.Models;

/// <summary>What the generator makes of a compilation, with what it found printed as the compiler would.</summary>
internal static class ModelReading
{
    /// <summary>A model that has no errors, with its specs; it is elaborated, but not compiled.</summary>
    /// <param name="name">Null where there is one model.</param>
    /// <exception cref="InvalidDataException">There is no such model, or it has errors, which have been printed.</exception>
    public static (CompileInput Specs, ElaboratedModel Model) Model(CSharpCompilation compilation, string? name, TextWriter errors)
    {
        var models = new List<ElaboratedModel>();
        var result = Run(compilation, new ModelGenerator(model =>
        {
            models.Add(model);
            return default;
        }));
        var sound = models.OrderBy(m => m.Model.FullName, StringComparer.Ordinal).ToArray();
        var found = sound.Where(m => name is null || m.Model.Name == name || m.Model.FullName == name).ToArray();
        if (found.Length == 1)
            return (result.TrackedSteps[Steps.Inputs].SelectMany(s => s.Outputs).Select(o => (CompileInput)o.Value).First(i => i.Model.FullName == found[0].Model.FullName), found[0]);
        bool failed = Print(compilation, [result], errors);
        string names = string.Join(", ", sound.Select(m => m.Model.Name));
        throw new InvalidDataException(found.Length > 1 ? $"there are several models; name one of {names} with --model"
            : failed ? $"{name ?? "the model"} has errors"
            : $"{compilation.AssemblyName} has no [Model] record{(name is null ? "" : $" '{name}'")}{(names.Length > 0 ? "; it has " + names : "")}");
    }

    /// <summary>Every file that the generators add, by name.</summary>
    /// <exception cref="InvalidDataException">There are errors, which have been printed.</exception>
    public static IReadOnlyList<(string Name, string Text)> Files(CSharpCompilation compilation, TextWriter errors)
    {
        GeneratorRunResult[] results = [Run(compilation, new ModelGenerator()), Run(compilation, new TokenizerGenerator())];
        if (Print(compilation, results, errors)) throw new InvalidDataException($"{compilation.AssemblyName} has errors; nothing is written");
        return results.SelectMany(r => r.GeneratedSources).Select(s => (s.HintName, s.SourceText.ToString())).OrderBy(f => f.HintName, StringComparer.Ordinal).ToArray();
    }

    private static GeneratorRunResult Run(CSharpCompilation compilation, IIncrementalGenerator generator)
    {
        var driver = CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees.First().Options,
            driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        var result = driver.RunGenerators(compilation).GetRunResult().Results.Single();
        return result.Exception is null ? result : throw new InvalidDataException($"the generator failed: {result.Exception}");
    }

    /// <summary>Prints what generators and parser found; tells whether there are errors.</summary>
    private static bool Print(CSharpCompilation compilation, IEnumerable<GeneratorRunResult> results, TextWriter errors)
    {
        var found = results.SelectMany(r => r.Diagnostics).Concat(compilation.SyntaxTrees.SelectMany(t => t.GetDiagnostics()))
            .Where(d => d.Severity >= DiagnosticSeverity.Warning).ToArray();
        foreach (var diagnostic in found) errors.WriteLine(diagnostic);
        return found.Any(d => d.Severity == DiagnosticSeverity.Error);
    }
}
