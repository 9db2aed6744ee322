using Microsoft.CodeAnalysis;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Generator.Tokenizers;

/// <summary>The diagnostics of declared tokenizers; each has a page in docs/diagnostics.</summary>
internal static class TokenizerDiagnostics
{
    private const string Category = "ModelDsl.Tokenizers";

    internal static readonly DiagnosticDescriptor Pattern = new(
        "MDT001", "A split pattern cannot be compiled", "The split pattern cannot be compiled: {0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: HelpLinks.Of("MDT001"));

    internal static readonly DiagnosticDescriptor NotPartial = new(
        "MDT002", "A tokenizer is a partial record of its own", "The tokenizer {0} must be {1}", Category, DiagnosticSeverity.Error, true, helpLinkUri: HelpLinks.Of("MDT002"));

    internal static readonly DiagnosticDescriptor Base = new(
        "MDT003", "A tokenizer derives from a kind of tokenizer", "The tokenizer {0} must derive from BpeTokenizer, UnigramTokenizer or WordPieceTokenizer", Category,
        DiagnosticSeverity.Error, true, helpLinkUri: HelpLinks.Of("MDT003"));

    internal static readonly DiagnosticDescriptor SpecialToken = new(
        "MDT004", "A special token is empty or comes twice", "The special token \"{0}\" {1}", Category, DiagnosticSeverity.Error, true, helpLinkUri: HelpLinks.Of("MDT004"));

    internal static readonly DiagnosticDescriptor Vocabulary = new(
        "MDT005", "A vocabulary cannot be embedded", "The vocabulary \"{0}\" {1}", Category, DiagnosticSeverity.Error, true, helpLinkUri: HelpLinks.Of("MDT005"));

    internal static readonly DiagnosticDescriptor Misplaced = new(
        "MDT006", "This kind of tokenizer does not take the attribute", "[{0}] says nothing for a {1}", Category, DiagnosticSeverity.Error, true, helpLinkUri: HelpLinks.Of("MDT006"));
}
