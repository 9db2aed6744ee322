using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Emit;
using ModelDsl.Generator.Frontend;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Generator;

/// <summary>
/// The host of the compiler in the C# compiler and the IDE. Reading a record runs after every edit; what follows works on
/// value-equal specs and runs when one changed. Elaboration gives a model's errors and its record's members, which the IDE
/// waits for; lowering and printing its programs are implementation output, which the IDE may leave to the build. Diagnostics go
/// a way of their own, with locations.
/// <code>
/// [Model] --> readings --> records ------------+--> inputs --> elaborated --> declarations
/// [Layer] --> readings --> records --> library-+                  |    `----> programs (implementation)
///                 |           +--> weights, [LayerSpec]           |
///                 +--> diagnostics  &lt;-----------------------------+
/// </code>
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModelGenerator : IIncrementalGenerator
{
    private readonly Func<ElaboratedModel, EquatableArray<GeneratedFile>> _implement;

    public ModelGenerator() : this(ModelCompiler.Implement) { }

    /// <summary>With another compiler, to test what a failing one does to a build.</summary>
    internal ModelGenerator(Func<ElaboratedModel, EquatableArray<GeneratedFile>> implement) => _implement = implement;

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var modelReadings = Read(context, "ModelAttribute", RecordKind.Model);
        var layerReadings = Read(context, "LayerAttribute", RecordKind.Layer);
        var models = Records(modelReadings);
        var layers = Records(layerReadings);
        var library = layers.Collect().Select((all, _) => all.ToEquatableArray()).WithTrackingName(Steps.Library);
        var records = models.Collect().Combine(library).Select((pair, _) => pair.Left.Concat(pair.Right).ToEquatableArray());
        var hints = records.Select((all, _) => HintNames.Of(all.Select(record => record.Spec.FullName))).WithTrackingName(Steps.Hints);

        var elaborated = models.Combine(library)
            .Select((pair, _) => CompileInput.Gather(pair.Left, pair.Right)).WithTrackingName(Steps.Inputs)
            .Select((input, _) => Elaboration.Of(input)).WithTrackingName(Steps.Elaborated);
        var declarations = elaborated.SelectMany((elaboration, _) => elaboration.Declaration).WithTrackingName(Steps.Declarations);
        var findings = elaborated.Select((elaboration, _) => elaboration.Diagnostics).WithTrackingName(Steps.Findings);
        var compiled = elaborated.Where(elaboration => elaboration.Model is not null)
            .Select((elaboration, _) => Implement(elaboration.Model!)).WithTrackingName(Steps.Compiled);
        var files = compiled.SelectMany((result, _) => result.Files).WithTrackingName(Steps.Files);
        context.RegisterSourceOutput(models.Combine(hints), (output, pair) => EmitRecord(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(layers.Combine(hints), (output, pair) => EmitRecord(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(declarations.Combine(hints), (output, pair) => Add(output, pair.Left, pair.Right));
        context.RegisterImplementationSourceOutput(files.Combine(hints), (output, pair) => Add(output, pair.Left, pair.Right));

        var recursions = library.Select((all, _) => LayerRecursion.Find(all)).WithTrackingName(Steps.Recursions);
        var unused = records.Select((all, _) => UnusedMembers.Find(all)).WithTrackingName(Steps.Unused);
        var readings = modelReadings.Collect().Combine(layerReadings.Collect()).Select((pair, _) => pair.Left.AddRange(pair.Right));
        context.RegisterSourceOutput(modelReadings, DiagnosticReporter.Report);
        context.RegisterSourceOutput(layerReadings, DiagnosticReporter.Report);
        context.RegisterSourceOutput(recursions.Combine(readings), (output, pair) => DiagnosticReporter.Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(unused.Combine(readings), (output, pair) => DiagnosticReporter.Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(findings.Combine(readings), (output, pair) => DiagnosticReporter.Report(output, pair.Left, pair.Right));
        context.RegisterImplementationSourceOutput(compiled.Combine(readings), (output, pair) => DiagnosticReporter.Report(output, pair.Left.Diagnostics, pair.Right));

        var facades = context.SyntaxProvider.ForAttributeWithMetadataName("ModelDsl.OperationFacadeAttribute", (_, _) => true,
            (match, _) => new Facade(match.TargetSymbol.ContainingNamespace.ToDisplayString(), match.TargetSymbol.Name)).WithTrackingName(Steps.Facades);
        context.RegisterSourceOutput(facades, (output, facade) => AddSource(output, $"{facade.Name}.g.cs", FacadeEmitter.Emit(facade)));
    }

    /// <summary>A defect of the compiler costs its model, not the weights and layers of the whole compilation.</summary>
    private CompileResult Implement(ElaboratedModel model)
    {
        try
        {
            return new(_implement(model), default);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new(default, new([Elaboration.Defect(model.Model, error)]));
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

    private static void EmitRecord(SourceProductionContext output, ReadRecord record, HintNames hints)
    {
        if (record.Shape != PartialShape.None) AddSource(output, hints.Name(record.Spec.FullName, $"{record.Spec.FullName}.Record.g.cs"), RecordEmitter.Emit(record));
    }

    private static void Add(SourceProductionContext output, GeneratedFile file, HintNames hints) => AddSource(output, hints.Name(file.Record, file.Name), file.Text);

    private static void AddSource(SourceProductionContext output, string name, string text) =>
        output.AddSource(name, SourceText.From(text, Encoding.UTF8));
}
