using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Emit;
using ModelDsl.Generator.Frontend;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Generator;

/// <summary>
/// The host of the compiler in the C# compiler and the IDE. Reading a record runs after every edit; what follows works on
/// value-equal specs and runs when one changed. Diagnostics go a way of their own, with locations.
/// <code>
/// [Model] --> readings --> records ------------+--> inputs --> compiled --> files
/// [Layer] --> readings --> records --> library-+                  |
///                 |           +--> weights, [LayerSpec]           |
///                 +--> diagnostics  &lt;-----------------------------+
/// </code>
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModelGenerator : IIncrementalGenerator
{
    private readonly Func<CompileInput, CompileResult> _compile;

    public ModelGenerator() : this(input => ModelCompiler.Compile(input.Model, input.Library)) { }

    /// <summary>With another compiler, to test what a failing one does to a build.</summary>
    internal ModelGenerator(Func<CompileInput, CompileResult> compile) => _compile = compile;

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var modelReadings = Read(context, "ModelAttribute", RecordKind.Model);
        var layerReadings = Read(context, "LayerAttribute", RecordKind.Layer);
        var models = Records(modelReadings);
        var layers = Records(layerReadings);
        var library = layers.Collect().Select((all, _) => all.ToEquatableArray()).WithTrackingName(Steps.Library);

        var compiled = models.Combine(library)
            .Select((pair, _) => CompileInput.Gather(pair.Left, pair.Right)).WithTrackingName(Steps.Inputs)
            .Where(input => input is not null)
            .Select((input, _) => Compile(input!)).WithTrackingName(Steps.Compiled);
        var files = compiled.SelectMany((result, _) => result.Files).WithTrackingName(Steps.Files);
        context.RegisterSourceOutput(files, (output, file) => Add(output, file.Name, file.Text));
        context.RegisterSourceOutput(models, EmitRecord);
        context.RegisterSourceOutput(layers, EmitRecord);

        var recursions = library.Select((all, _) => LayerRecursion.Find(all)).WithTrackingName(Steps.Recursions);
        var unused = models.Collect().Combine(library)
            .Select((pair, _) => UnusedMembers.Find(pair.Left.Concat(pair.Right).ToEquatableArray())).WithTrackingName(Steps.Unused);
        var readings = modelReadings.Collect().Combine(layerReadings.Collect()).Select((pair, _) => pair.Left.AddRange(pair.Right));
        context.RegisterSourceOutput(modelReadings, DiagnosticReporter.Report);
        context.RegisterSourceOutput(layerReadings, DiagnosticReporter.Report);
        context.RegisterSourceOutput(recursions.Combine(readings), (output, pair) => DiagnosticReporter.Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(unused.Combine(readings), (output, pair) => DiagnosticReporter.Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(compiled.Combine(readings), (output, pair) => DiagnosticReporter.Report(output, pair.Left.Diagnostics, pair.Right));

        var facades = context.SyntaxProvider.ForAttributeWithMetadataName("ModelDsl.OperationFacadeAttribute", (_, _) => true,
            (match, _) => new Facade(match.TargetSymbol.ContainingNamespace.ToDisplayString(), match.TargetSymbol.Name)).WithTrackingName(Steps.Facades);
        context.RegisterSourceOutput(facades, (output, facade) => Add(output, $"{facade.Name}.g.cs", FacadeEmitter.Emit(facade)));
    }

    /// <summary>A defect of the compiler costs its model, not the weights and layers of the whole compilation.</summary>
    private CompileResult Compile(CompileInput input)
    {
        try
        {
            return _compile(input);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The method that failed, without the place of its source on the machine that it was built on.
            string where = (error.StackTrace ?? "").Split('\n')[0].Split([" in "], StringSplitOptions.None)[0].Trim();
            return new(default, new([new(Catalogue.Defect.Id, input.Model.FullName, -1, new([input.Model.Name, $"{error.GetType().Name}: {error.Message} {where}"]))]));
        }
    }

    private static IncrementalValuesProvider<RecordReading> Read(IncrementalGeneratorInitializationContext context, string attribute, RecordKind kind) =>
        context.SyntaxProvider.ForAttributeWithMetadataName($"ModelDsl.{attribute}", (node, _) => node is TypeDeclarationSyntax, (match, cancellation) =>
            IsFirst(match, attribute, kind)
                ? RecordReader.Read(kind, (TypeDeclarationSyntax)match.TargetNode, (INamedTypeSymbol)match.TargetSymbol, match.SemanticModel, cancellation)
                : null)
            .Where(reading => reading is not null).Select((reading, _) => reading!).WithTrackingName(Steps.Readings);

    /// <summary>
    /// Whether this declaration stands for the record: not where it is written twice, as happens while one is copied, and not
    /// for a layer that is a model too. Two generated parts of one name would stop the generator.
    /// </summary>
    private static bool IsFirst(GeneratorAttributeSyntaxContext match, string attribute, RecordKind kind) =>
        (kind == RecordKind.Model || DslTypes.Attribute(match.TargetSymbol, "ModelAttribute") is null)
        && DslTypes.Attribute(match.TargetSymbol, attribute)?.ApplicationSyntaxReference is { } application
        && application.SyntaxTree == match.TargetNode.SyntaxTree && match.TargetNode.Span.Contains(application.Span);

    private static IncrementalValuesProvider<ReadRecord> Records(IncrementalValuesProvider<RecordReading> readings) =>
        readings.Select((reading, _) => reading.Record).WithTrackingName(Steps.Records);

    private static void EmitRecord(SourceProductionContext output, ReadRecord record)
    {
        if (record.Shape != PartialShape.None) Add(output, $"{record.Spec.FullName}.Record.g.cs", RecordEmitter.Emit(record));
    }

    private static void Add(SourceProductionContext output, string name, string text) =>
        output.AddSource(name, SourceText.From(text, Encoding.UTF8));
}
