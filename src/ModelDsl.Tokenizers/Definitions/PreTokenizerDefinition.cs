namespace ModelDsl.Tokenizers.Definitions;

/// <summary>What cuts the text into the pieces that the model encodes one by one.</summary>
public abstract record PreTokenizerDefinition
{
    private PreTokenizerDefinition() { }

    public sealed record Sequence(IReadOnlyList<PreTokenizerDefinition> Items) : PreTokenizerDefinition;

    /// <summary>To the byte-level alphabet; with <paramref name="UseRegex"/> cut by GPT-2's pattern first.</summary>
    public sealed record ByteLevel(bool AddPrefixSpace = true, bool UseRegex = true, bool TrimOffsets = true) : PreTokenizerDefinition;

    /// <summary>Cut at the matches of a pattern.</summary>
    /// <param name="IsRegex">False: <paramref name="Pattern"/> is the text itself.</param>
    /// <param name="Invert">The matches are what stands between, and the other way round.</param>
    public sealed record Split(string Pattern, bool IsRegex, SplitBehavior Behavior, bool Invert = false) : PreTokenizerDefinition;

    /// <summary>Runs of word characters and runs of others, without white space.</summary>
    public sealed record Whitespace : PreTokenizerDefinition;

    public sealed record WhitespaceSplit : PreTokenizerDefinition;

    /// <summary>Words between white space, each punctuation character by itself.</summary>
    public sealed record Bert : PreTokenizerDefinition;

    public sealed record Punctuation(SplitBehavior Behavior = SplitBehavior.Isolated) : PreTokenizerDefinition;

    public sealed record Digits(bool Individual) : PreTokenizerDefinition;

    /// <summary>Spaces become <paramref name="Replacement"/>, with one before the text; with <paramref name="CutsBefore"/> each begins a piece.</summary>
    public sealed record Metaspace(string Replacement = "\u2581", PrependScheme Prepend = PrependScheme.Always, bool CutsBefore = true) : PreTokenizerDefinition;

    public sealed record CharDelimiterSplit(string Delimiter) : PreTokenizerDefinition;

    /// <summary>Pieces of a fixed number of characters.</summary>
    public sealed record FixedLength(int Length) : PreTokenizerDefinition;
}

/// <summary>What becomes of a match.</summary>
public enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    /// <summary>As isolated, but neighbouring matches are one piece.</summary>
    Contiguous,
}

/// <summary>Which pieces get the Metaspace character in front.</summary>
public enum PrependScheme
{
    Always,
    Never,
    /// <summary>Only the beginning of the text.</summary>
    First,
}
