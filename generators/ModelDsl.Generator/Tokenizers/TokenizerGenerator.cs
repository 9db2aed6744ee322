using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ModelDsl.Generator.Tokenizers;

/// <summary>
/// Compiles records that are marked as tokenizers: their split patterns become scanners, their attributes a pipeline. A
/// spec is value-equal, so an edit elsewhere compiles nothing again; diagnostics go a way of their own, with locations.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class TokenizerGenerator : IIncrementalGenerator
{
    internal const string SpecStep = "TokenizerSpecs";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var readings = context.SyntaxProvider.ForAttributeWithMetadataName(
            "ModelDsl.Tokenizers.TokenizerAttribute", (node, _) => node is TypeDeclarationSyntax, TokenizerReader.Read);
        var specs = readings.Where(reading => reading.Spec is not null).Select((reading, _) => reading.Spec!).WithTrackingName(SpecStep);
        context.RegisterSourceOutput(specs, (output, spec) => Add(output, spec, ".Tokenizer.g.cs", TokenizerEmitter.Emit(spec)));
        context.RegisterSourceOutput(readings.SelectMany((reading, _) => reading.Diagnostics), (output, diagnostic) => output.ReportDiagnostic(diagnostic));

        var files = context.AdditionalTextsProvider.Collect();
        context.RegisterSourceOutput(specs.Where(spec => spec.Vocabulary is not null).Combine(files), EmbedVocabulary);
        context.RegisterSourceOutput(readings.Where(reading => reading.VocabularyLocation is not null).Combine(files), ReportVocabulary);
    }

    private static void EmbedVocabulary(SourceProductionContext output, (TokenizerSpec Spec, ImmutableArray<AdditionalText> Files) input)
    {
        string content = Problem(input.Spec.Vocabulary!, input.Files, output.CancellationToken, out string text) is null ? text : "";
        Add(output, input.Spec, ".Vocabulary.g.cs", TokenizerEmitter.EmitVocabulary(input.Spec, content));
    }

    private static void ReportVocabulary(SourceProductionContext output, (TokenizerReading Reading, ImmutableArray<AdditionalText> Files) input)
    {
        if (input.Reading.Spec?.Vocabulary is { } name && Problem(name, input.Files, output.CancellationToken, out _) is { } problem)
            output.ReportDiagnostic(Diagnostic.Create(TokenizerDiagnostics.Vocabulary, input.Reading.VocabularyLocation, name, problem));
    }

    private static string? Problem(string name, ImmutableArray<AdditionalText> files, CancellationToken cancellation, out string text)
    {
        text = "";
        var found = files.Where(file => file.Path.Replace('\\', '/').EndsWith("/" + name.Replace('\\', '/'), StringComparison.Ordinal) || file.Path == name).ToList();
        if (found.Count == 0) return "is not among the AdditionalFiles of the project";
        if (found.Count > 1) return $"is the name of {found.Count} AdditionalFiles; write more of the path";
        text = found[0].GetText(cancellation)?.ToString() ?? "";
        if (text.Length == 0) return "is empty or cannot be read";
        return text.IndexOf('\0') >= 0 || text.IndexOf('\uFFFD') >= 0 ? "is not text: only tokenizer.json, tiktoken ranks and vocab.txt can be embedded" : null;
    }

    private static void Add(SourceProductionContext output, TokenizerSpec spec, string suffix, string text) =>
        output.AddSource((spec.Namespace is null ? "" : spec.Namespace + ".") + spec.Name + suffix, SourceText.From(text, Encoding.UTF8));
}
