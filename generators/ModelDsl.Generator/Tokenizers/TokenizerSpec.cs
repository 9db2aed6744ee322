using ModelDsl.Compiler;

namespace ModelDsl.Generator.Tokenizers;

/// <summary>A declared tokenizer as values: no symbol, node or location is reachable from it.</summary>
/// <param name="Base">BpeTokenizer, UnigramTokenizer or WordPieceTokenizer.</param>
/// <param name="Normalizers">C# expressions that make the normalizers, in order.</param>
/// <param name="Vocabulary">The name of the embedded file, or null.</param>
internal sealed record TokenizerSpec(
    string? Namespace, string Name, string Accessibility, string Base, EquatableArray<SplitSpec> Splits, bool ByteLevel, bool AddPrefixSpace,
    EquatableArray<string> SpecialTokens, EquatableArray<string> Normalizers, string? Vocabulary);

/// <summary>A pattern that is known to compile, and what becomes of its matches.</summary>
internal sealed record SplitSpec(string Pattern, string Behavior);
