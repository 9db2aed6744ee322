namespace ModelDsl.Tokenizers.Definitions;

/// <summary>
/// Everything that a tokenizer is, as data: what the readers of all file formats make, what tokenizer.json is written
/// from, and what a <see cref="TextTokenizer"/> is built from. The names are those of tokenizer.json.
/// </summary>
public sealed record TokenizerDefinition
{
    public NormalizerDefinition? Normalizer { get; init; }

    public PreTokenizerDefinition? PreTokenizer { get; init; }

    public required ModelDefinition Model { get; init; }

    public PostProcessorDefinition? PostProcessor { get; init; }

    public DecoderDefinition? Decoder { get; init; }

    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>The file that this was read from, for messages.</summary>
    public string Source { get; init; } = "(in memory)";

    /// <summary>How much the tokenizer may ask for.</summary>
    public TokenizerLimits Limits { get; init; } = TokenizerLimits.Default;

    /// <summary>Whether the file said everything, as a tokenizer.json does, and not only the vocabulary.</summary>
    public bool IsComplete { get; init; }

    /// <summary>One token for each byte, and nothing else.</summary>
    internal static TokenizerDefinition Bytes { get; } = new()
    {
        Model = new BpeDefinition
        {
            Tokens = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })],
            Merges = [],
            ByteLevel = true,
        },
        PreTokenizer = new PreTokenizerDefinition.ByteLevel(AddPrefixSpace: false, UseRegex: false),
        Decoder = new DecoderDefinition.ByteLevel(),
    };
}

/// <summary>
/// A token that is found in the text before the model sees it.
/// </summary>
/// <param name="Special">A control token: recognised only where special tokens are allowed.</param>
/// <param name="SingleWord">Only where no letter, digit or underscore stands next to it.</param>
/// <param name="LeftStrip">Takes the white space before it along.</param>
/// <param name="RightStrip">Takes the white space after it along.</param>
/// <param name="Normalized">Looked for in the normalised text instead of the raw one.</param>
public sealed record AddedToken(
    int Id, string Content, bool Special = true, bool SingleWord = false, bool LeftStrip = false, bool RightStrip = false, bool Normalized = false);
