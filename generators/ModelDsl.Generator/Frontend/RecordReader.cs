using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Reads a [Model] or [Layer] record into its spec. Runs for each record after every edit, so it only reads.</summary>
internal static class RecordReader
{
    public static RecordReading Read(RecordKind kind, TypeDeclarationSyntax declaration, INamedTypeSymbol record,
        SemanticModel semantics, CancellationToken cancellation)
    {
        var context = new ReadingContext(record, semantics, cancellation);
        bool partial = CheckDeclaration(context, declaration);
        if (record.DeclaringSyntaxReferences.Any(part => part.GetSyntax(cancellation).ContainsDiagnostics)) context.Invalid();

        List<IPropertySymbol> weights = [], presets = [], members = [];
        List<IMethodSymbol> methods = [];
        foreach (var member in record.GetMembers())
        {
            if (member.IsImplicitlyDeclared) continue;
            switch (member)
            {
                case IPropertySymbol property when DslTypes.Attribute(property, "WeightAttribute") is not null: weights.Add(property); break;
                case IPropertySymbol property when DslTypes.Attribute(property, "PresetAttribute") is not null: presets.Add(property); break;
                case IPropertySymbol { IsStatic: false, IsIndexer: false } property: members.Add(property); break;
                case IMethodSymbol { MethodKind: MethodKind.Ordinary } method: methods.Add(method); break;
            }
        }

        var expressions = new ExpressionReader(context);
        var hyperparameters = HyperparameterReader.Read(context);
        var weightSpecs = weights.Select(weight => WeightReader.Read(context, weight)).OfType<WeightSpec>().ToEquatableArray();
        var memberSpecs = new MemberReader(context, expressions).Read(members);
        var methodSpecs = new MethodReader(context, expressions).Read(methods);
        var presetSpecs = presets.Select(preset => PresetReader.Read(context, expressions, preset)).OfType<PresetSpec>().ToEquatableArray();
        SelfReference.Report(context, memberSpecs, methodSpecs);
        if (kind == RecordKind.Model && !methods.Any(method => method.Name == "Forward")) context.Report(Catalogue.NoForward, record.Name);

        var spec = new RecordSpec(kind, context.RecordName, record.Name,
            DslTypes.Path(record.ContainingNamespace),
            SyntaxFacts.GetText(record.DeclaredAccessibility), hyperparameters, weightSpecs, memberSpecs, methodSpecs, presetSpecs,
            context.Imports.Specs)
        { Recompute = Recompute(record) };
        return new(new(spec, context.Sound, Shape(record, partial)), context.Diagnostics.ToEquatableArray(), declaration, context.Anchors);
    }

    private static string Recompute(INamedTypeSymbol record) =>
        DslTypes.Attribute(record, "ModelAttribute")?.NamedArguments.Where(named => named.Key == "Recompute").Select(named => DslTypes.Member(named.Value)).FirstOrDefault()
            ?? "Pointwise";

    private static PartialShape Shape(INamedTypeSymbol record, bool partial) =>
        !partial ? PartialShape.None
        : record.GetMembers("PrintMembers").Any(member => !member.IsImplicitlyDeclared) ? PartialShape.Printing
        : record.IsSealed ? PartialShape.Sealed
        : PartialShape.Open;

    /// <summary>Whether a partial declaration can be added; reports what cannot be compiled.</summary>
    private static bool CheckDeclaration(ReadingContext context, TypeDeclarationSyntax declaration)
    {
        var record = context.Record;
        bool partial = declaration.Modifiers.Any(SyntaxKind.PartialKeyword);
        if (!partial || !declaration.IsKind(SyntaxKind.RecordDeclaration))
        {
            context.Report(Catalogue.NotAPartialRecord, record.Name);
            return false;
        }
        string? reason = DslTypes.IsLayer(record) && DslTypes.Attribute(record, "ModelAttribute") is not null ? "both a [Model] and a [Layer]"
            : record.ContainingType is not null ? "nested"
            : record.TypeParameters.Length > 0 ? "generic"
            : record.BaseType?.SpecialType != SpecialType.System_Object ? "derived"
            : null;
        if (reason is null) return true;
        context.Report(Catalogue.NotAPlainRecord, record.Name, reason);
        return false;
    }
}
