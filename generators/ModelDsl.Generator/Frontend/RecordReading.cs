using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>
/// What reading one record gave. The pipeline takes it apart at once: <see cref="Record"/> is value-equal and caches;
/// <c>Anchors</c> holds syntax, is new after every edit, and only the diagnostics look at it.
/// </summary>
internal sealed class RecordReading(ReadRecord record, EquatableArray<CompileDiagnostic> diagnostics,
    TypeDeclarationSyntax declaration, IReadOnlyList<SyntaxNode> anchors)
{
    public ReadRecord Record { get; } = record;
    public EquatableArray<CompileDiagnostic> Diagnostics { get; } = diagnostics;

    /// <summary>Where an anchor of this record lies.</summary>
    public Location Locate(int anchor) => anchor < 0 ? declaration.Identifier.GetLocation() : anchors[anchor] switch
    {
        PropertyDeclarationSyntax property => property.Identifier.GetLocation(),
        MethodDeclarationSyntax method => method.Identifier.GetLocation(),
        VariableDeclaratorSyntax variable => variable.Identifier.GetLocation(),
        var place => place.GetLocation(),
    };
}

/// <param name="Sound">Whether no error was found in it; only then is it compiled.</param>
internal sealed record ReadRecord(RecordSpec Spec, bool Sound, PartialShape Shape);

/// <summary>What the generated part of a record may hold.</summary>
internal enum PartialShape
{
    /// <summary>Nothing: it is not a partial record.</summary>
    None,
    /// <summary>It has a PrintMembers of its own.</summary>
    Printing,
    Sealed,
    Open,
}
