namespace ModelDsl.Tokenizers;

/// <summary>How a text is encoded.</summary>
public readonly record struct EncodeOptions
{
    /// <summary>Whether special tokens written out in the text are recognised; by default they are text like any other.</summary>
    public SpecialTokens Special { get; init; }

    /// <summary>Whether the tokenizer's template is applied: the begin and end tokens that its model expects.</summary>
    public bool Template { get; init; }

    /// <summary>The most ids to give, those of the template included; 0: all.</summary>
    public int MaximumTokens { get; init; }

    public static implicit operator EncodeOptions(SpecialTokens special) => new() { Special = special };
}

/// <summary>Which special tokens are recognised in a text.</summary>
public enum SpecialTokens
{
    /// <summary>None: text from outside cannot forge them.</summary>
    None,
    /// <summary>All: for text that the program itself has put together, such as a chat template's.</summary>
    All,
}
