namespace ModelDsl.Compiler.Diagnostics;

/// <summary>A finding of the compiler: an entry of the catalogue, where, and the words that fill its message.</summary>
/// <param name="Id">"MD0101": see the catalogue.</param>
/// <param name="Record">The full name of the record that the anchor belongs to.</param>
/// <param name="Anchor">See <see cref="Spec.RecordSpec"/>; -1 is the record's own name.</param>
public sealed record CompileDiagnostic(string Id, string Record, int Anchor, EquatableArray<string> Arguments)
{
    /// <summary>Whether it says the same of the same place, in other words or numbers perhaps.</summary>
    public bool IsSameFinding(CompileDiagnostic other) => Id == other.Id && Record == other.Record && Anchor == other.Anchor;
}
