using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers;

/// <summary>A byte-pair encoding that is declared as a record.</summary>
public abstract record BpeTokenizer : TextTokenizer
{
    /// <param name="scanners">The scanner that was compiled at build for a pattern, or null.</param>
    protected BpeTokenizer(TokenizerDefinition definition, Func<string, PatternScanner?> scanners) : base(definition, scanners) { }
}

/// <summary>A Unigram tokenizer that is declared as a record.</summary>
public abstract record UnigramTokenizer : TextTokenizer
{
    /// <inheritdoc cref="BpeTokenizer(TokenizerDefinition, Func{string, PatternScanner?})"/>
    protected UnigramTokenizer(TokenizerDefinition definition, Func<string, PatternScanner?> scanners) : base(definition, scanners) { }
}

/// <summary>A WordPiece tokenizer that is declared as a record.</summary>
public abstract record WordPieceTokenizer : TextTokenizer
{
    /// <inheritdoc cref="BpeTokenizer(TokenizerDefinition, Func{string, PatternScanner?})"/>
    protected WordPieceTokenizer(TokenizerDefinition definition, Func<string, PatternScanner?> scanners) : base(definition, scanners) { }
}
