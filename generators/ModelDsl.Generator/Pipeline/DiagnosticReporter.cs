using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Generator.Frontend;

namespace ModelDsl.Generator.Pipeline;

/// <summary>Turns findings into Roslyn's diagnostics, at real locations, so that #pragma and .editorconfig apply to them.</summary>
internal static class DiagnosticReporter
{
    private const string Category = "ModelDsl";

    private static readonly Dictionary<string, DiagnosticDescriptor> Descriptors = Catalogue.All.ToDictionary(entry => entry.Id, Describe);

    /// <summary>What was found in the text of one record.</summary>
    public static void Report(SourceProductionContext context, RecordReading reading)
    {
        foreach (var diagnostic in reading.Diagnostics) Report(context, diagnostic, reading.Locate(diagnostic.Anchor));
    }

    /// <summary>What was found later; <paramref name="readings"/> know the places.</summary>
    public static void Report(SourceProductionContext context, EquatableArray<CompileDiagnostic> diagnostics, ImmutableArray<RecordReading> readings)
    {
        foreach (var diagnostic in diagnostics)
        {
            var reading = readings.FirstOrDefault(reading => reading.Record.Spec.FullName == diagnostic.Record);
            Report(context, diagnostic, reading?.Locate(diagnostic.Anchor) ?? Location.None);
        }
    }

    private static void Report(SourceProductionContext context, CompileDiagnostic diagnostic, Location location) =>
        context.ReportDiagnostic(Diagnostic.Create(Descriptors[diagnostic.Id], location, [.. diagnostic.Arguments]));

    private static DiagnosticDescriptor Describe(CatalogueEntry entry) => new(
        entry.Id, entry.Title, entry.Message, Category,
        entry.Severity == CatalogueSeverity.Error ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
        isEnabledByDefault: true, description: "Its page shows what is invalid and how it is fixed.", helpLinkUri: HelpLinks.Of(entry.Id));
}
