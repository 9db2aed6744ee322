namespace ModelDsl.Tokenizers.Definitions;

/// <summary>How tokens become text again.</summary>
public abstract record DecoderDefinition
{
    private DecoderDefinition() { }

    public sealed record Sequence(IReadOnlyList<DecoderDefinition> Items) : DecoderDefinition;

    public sealed record ByteLevel(bool AddPrefixSpace = true, bool TrimOffsets = true, bool UseRegex = true) : DecoderDefinition;

    /// <summary><c>&lt;0x41&gt;</c> becomes the byte.</summary>
    public sealed record ByteFallback : DecoderDefinition;

    /// <summary>The tokens become one; what follows sees the whole text.</summary>
    public sealed record Fuse : DecoderDefinition;

    public sealed record Replace(string Pattern, string Content) : DecoderDefinition;

    public sealed record Strip(string Content, int Start, int Stop) : DecoderDefinition;

    public sealed record Metaspace(string Replacement = "\u2581", PrependScheme Prepend = PrependScheme.Always, bool Split = true) : DecoderDefinition;

    public sealed record WordPiece(string Prefix = "##", bool Cleanup = true) : DecoderDefinition;

    public sealed record Bpe(string Suffix = "</w>") : DecoderDefinition;
}
