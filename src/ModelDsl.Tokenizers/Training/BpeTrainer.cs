using ModelDsl.Compiler.Tokenizers;
using ModelDsl.Tokenizers.Definitions;
using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Training;

/// <summary>
/// Trains a byte-level BPE vocabulary (Sennrich et al., 2016): again and again the most frequent pair of neighbours
/// becomes a token; of equally frequent pairs the one with the smaller ids.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Trains on files, which may be larger than memory: what is held are the different pieces, not the text.</summary>
    /// <exception cref="ArgumentException">The vocabulary has no room for the bytes and special tokens, or the pattern cannot be compiled.</exception>
    public static TextTokenizer Train(IReadOnlyList<string> files, BpeTrainerOptions options) =>
        Train(PieceReader.Count(files, Scanner(options), options.Threads, options.Progress), options);

    /// <summary>Trains on a text in memory.</summary>
    /// <inheritdoc cref="Train(IReadOnlyList{string}, BpeTrainerOptions)"/>
    public static TextTokenizer Train(ReadOnlySpan<byte> utf8, BpeTrainerOptions options) =>
        Train(PieceReader.Count(utf8, Scanner(options)), options);

    private static TextTokenizer Train(PieceCounter pieces, BpeTrainerOptions options)
    {
        int tokens = options.Vocabulary - options.SpecialTokens.Count;
        if (tokens < 256)
            throw new ArgumentException(
                $"A vocabulary of {options.Vocabulary} has no room for 256 bytes and {options.SpecialTokens.Count} special tokens.", nameof(options));
        var merges = new BpeMergeLearner(pieces).Learn(tokens - 256, options.MinimumFrequency, options.Progress);
        var vocabulary = new List<byte[]?>(tokens);
        for (int b = 0; b < 256; b++) vocabulary.Add([(byte)b]);
        foreach (var merge in merges) vocabulary.Add([.. vocabulary[merge.Left]!, .. vocabulary[merge.Right]!]);
        return new TextTokenizer(new TokenizerDefinition
        {
            Model = new BpeDefinition { Tokens = vocabulary, Merges = merges, ByteLevel = true },
            PreTokenizer = new PreTokenizerDefinition.Sequence(
            [
                new PreTokenizerDefinition.Split(options.Pattern, IsRegex: true, SplitBehavior.Isolated),
                new PreTokenizerDefinition.ByteLevel(AddPrefixSpace: false, UseRegex: false),
            ]),
            Decoder = new DecoderDefinition.ByteLevel(),
            AddedTokens = [.. options.SpecialTokens.Select((token, i) => new AddedToken(vocabulary.Count + i, token))],
        });
    }

    private static TableScanner Scanner(BpeTrainerOptions options)
    {
        try
        {
            return new TableScanner(PatternAutomaton.Compile(options.Pattern));
        }
        catch (PatternException error)
        {
            throw new ArgumentException($"The split pattern {options.Pattern} cannot be compiled: {error.Message}.", nameof(options), error);
        }
    }
}
