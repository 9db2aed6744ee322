namespace ModelDsl.Tokenizers.Definitions;

/// <summary>What the tokenizer adds to the ids of a text, or of two.</summary>
public abstract record PostProcessorDefinition
{
    private PostProcessorDefinition() { }

    public sealed record Sequence(IReadOnlyList<PostProcessorDefinition> Items) : PostProcessorDefinition;

    /// <summary>Changes offsets only.</summary>
    public sealed record ByteLevel(bool AddPrefixSpace = true, bool TrimOffsets = true, bool UseRegex = true) : PostProcessorDefinition;

    /// <summary>Ids around the text, or around two texts.</summary>
    public sealed record Template(IReadOnlyList<TemplatePiece> Single, IReadOnlyList<TemplatePiece> Pair) : PostProcessorDefinition;
}

/// <summary>A piece of a template: text 0, text 1, or a special token with its ids.</summary>
/// <param name="Text">0 or 1, or -1 for a special token.</param>
/// <param name="Type">The segment number of its tokens.</param>
public sealed record TemplatePiece(int Text, int Type, string Special, IReadOnlyList<int> Ids);
