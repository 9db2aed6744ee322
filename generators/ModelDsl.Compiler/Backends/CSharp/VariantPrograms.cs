using ModelDsl.Compiler.Elaboration;

namespace ModelDsl.Compiler.Backends.CSharp;

/// <summary>The classes that were emitted for one structure of a model.</summary>
/// <param name="Decode">Null where it has no such program, for <paramref name="Reason"/>.</param>
internal sealed record VariantPrograms(Variant Variant, string Training, string Forward, string? Decode, string? Reason);
