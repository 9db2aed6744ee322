namespace ModelDsl.Tokenizers.Definitions;

/// <summary>What changes the text before it is cut.</summary>
public abstract record NormalizerDefinition
{
    private NormalizerDefinition() { }

    public sealed record Sequence(IReadOnlyList<NormalizerDefinition> Items) : NormalizerDefinition;

    /// <summary>A Unicode normalisation form (UAX 15).</summary>
    public sealed record Form(bool Compose, bool Compatibility) : NormalizerDefinition;

    public sealed record Lowercase : NormalizerDefinition;

    /// <summary>Drops combining marks.</summary>
    public sealed record StripAccents : NormalizerDefinition;

    public sealed record Strip(bool Left, bool Right) : NormalizerDefinition;

    /// <summary>Text put before a text that is not empty.</summary>
    /// <param name="OnlyAtBeginning">Not after an added token, which tokenizer.json cannot say.</param>
    public sealed record Prepend(string Text, bool OnlyAtBeginning = false) : NormalizerDefinition;

    public sealed record Replace(string Pattern, bool IsRegex, string Content) : NormalizerDefinition;

    /// <summary>BERT's cleaning: control characters out, spaces around Chinese characters, accents and case.</summary>
    /// <param name="DropAccents">Null: as <paramref name="ToLower"/> says.</param>
    public sealed record Bert(bool CleanText, bool HandleChineseCharacters, bool? DropAccents, bool ToLower) : NormalizerDefinition;

    /// <summary>SentencePiece's compiled character map.</summary>
    public sealed record Precompiled(byte[] Map) : NormalizerDefinition;

    /// <summary>SentencePiece's white space rules: runs become one space, none at the ends.</summary>
    public sealed record CollapseSpaces : NormalizerDefinition;

    /// <summary>Removes control characters, turns other spaces into spaces (Moses' and SentencePiece's nmt rules).</summary>
    public sealed record Nmt : NormalizerDefinition;

    /// <summary>To the byte-level alphabet.</summary>
    public sealed record ByteLevel : NormalizerDefinition;
}
