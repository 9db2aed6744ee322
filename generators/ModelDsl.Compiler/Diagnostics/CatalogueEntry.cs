namespace ModelDsl.Compiler.Diagnostics;

/// <summary>One kind of finding.</summary>
/// <param name="Id">MD0xxx: of the frontend, seen in the text of a record. MD1xxx: of the elaboration, seen in its shapes.</param>
/// <param name="Title">Short and general; the heading of its page, docs/diagnostics/ID.md.</param>
/// <param name="Message">A format; <see cref="CompileDiagnostic.Arguments"/> fill it.</param>
public sealed record CatalogueEntry(string Id, string Title, string Message, CatalogueSeverity Severity);

public enum CatalogueSeverity { Warning, Error }
