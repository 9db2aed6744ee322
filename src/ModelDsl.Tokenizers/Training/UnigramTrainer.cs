using System.Text;
using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Training;

/// <summary>
/// Trains a Unigram vocabulary (Kudo, 2018): many frequent substrings to begin with, then rounds of
/// expectation-maximisation, each followed by dropping the pieces that the likelihood misses least.
/// </summary>
public static class UnigramTrainer
{
    private const string Unknown = "<unk>";

    // A word with the space before it; other white space by itself.
    private static readonly TableScanner Words = new(PatternAutomaton.Compile(@" ?[^\s]+|\s"));

    /// <summary>Trains on files, which may be larger than memory: what is held are the different words, not the text.</summary>
    /// <exception cref="ArgumentException">The vocabulary has no room for the characters and tokens that it must hold.</exception>
    public static TextTokenizer Train(IReadOnlyList<string> files, UnigramTrainerOptions options) =>
        Train(PieceReader.Count(files, Words, options.Threads, options.Progress), options);

    /// <summary>Trains on a text in memory.</summary>
    /// <inheritdoc cref="Train(IReadOnlyList{string}, UnigramTrainerOptions)"/>
    public static TextTokenizer Train(ReadOnlySpan<byte> utf8, UnigramTrainerOptions options) =>
        Train(PieceReader.Count(utf8, Words), options);

    private static TextTokenizer Train(PieceCounter counted, UnigramTrainerOptions options)
    {
        var words = new UnigramWords(counted);
        int fixedTokens = 1 + options.SpecialTokens.Count + (options.ByteFallback ? 256 : 0);
        var pieces = UnigramSeed.Build(words, options.SeedSize, options.MaximumPieceLength);
        int required = pieces.Count(piece => piece.Required);
        if (options.Vocabulary < fixedTokens + required)
            throw new ArgumentException(
                $"A vocabulary of {options.Vocabulary} has no room for the {required} characters of the text and {fixedTokens} other tokens.", nameof(options));
        pieces = new UnigramLearner(words, options).Learn(pieces, options.Vocabulary - fixedTokens);
        return Build(pieces, options);
    }

    private static TextTokenizer Build(List<UnigramPiece> pieces, UnigramTrainerOptions options)
    {
        var tokens = new List<byte[]?> { Encoding.UTF8.GetBytes(Unknown) };
        var added = new List<AddedToken> { new(0, Unknown) };
        foreach (string token in options.SpecialTokens)
        {
            added.Add(new AddedToken(tokens.Count, token));
            tokens.Add(Encoding.UTF8.GetBytes(token));
        }
        if (options.ByteFallback)
            for (int b = 0; b < 256; b++) tokens.Add(Encoding.UTF8.GetBytes($"<0x{b:X2}>"));
        var reserved = new HashSet<int>(Enumerable.Range(0, tokens.Count));
        // What text never gives costs as much as the least probable piece, so that the cost of an unknown stays as it was.
        double least = pieces.Min(piece => piece.Score);
        var scores = new List<double>(Enumerable.Repeat(least, tokens.Count));
        foreach (var piece in pieces)
        {
            tokens.Add(piece.Text);
            scores.Add(piece.Score);
        }
        return new TextTokenizer(new TokenizerDefinition
        {
            Normalizer = new NormalizerDefinition.Sequence([new NormalizerDefinition.Prepend("\u2581"), new NormalizerDefinition.Replace(" ", false, "\u2581")]),
            Model = new UnigramDefinition { Tokens = tokens, Scores = scores, Unknown = 0, Reserved = reserved, ByteFallback = options.ByteFallback },
            Decoder = new DecoderDefinition.Sequence(
            [
                new DecoderDefinition.Replace("\u2581", " "), new DecoderDefinition.ByteFallback(), new DecoderDefinition.Fuse(), new DecoderDefinition.Strip(" ", 1, 0),
            ]),
            AddedTokens = added,
        });
    }
}
