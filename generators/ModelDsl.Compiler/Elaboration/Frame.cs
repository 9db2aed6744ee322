using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>A method or property under evaluation, and the call that led to it.</summary>
/// <param name="Record">Whose anchors its expressions have.</param>
/// <param name="Member">The method's or property's name.</param>
/// <param name="CallAnchor">The call's place in the caller's record.</param>
internal sealed record Frame(RecordSpec Record, string Member, int CallAnchor, Frame? Caller)
{
    public int Depth { get; } = Caller is null ? 1 : Caller.Depth + 1;
}
