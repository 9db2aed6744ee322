namespace ModelDsl.Tokenizers.Definitions;

/// <summary>What turns a piece of text into ids.</summary>
/// <remarks>Tokens[id] are the bytes of a token: what it stands for in a byte-level vocabulary, else its UTF-8 text; null where no token has the id.</remarks>
public abstract record ModelDefinition
{
    public required IReadOnlyList<byte[]?> Tokens { get; init; }

    /// <summary>The token for what has no other, or null.</summary>
    public int? Unknown { get; init; }

    /// <summary>Ids that the model never gives for text: control tokens, byte tokens, and what only added tokens give.</summary>
    public IReadOnlySet<int> Reserved { get; init; } = new HashSet<int>();
}

/// <summary>Byte-pair encoding.</summary>
public sealed record BpeDefinition : ModelDefinition
{
    /// <summary>The merges in the order of their ranks; null where any two neighbours merge whose bytes together are a token, smaller ids first (tiktoken).</summary>
    public required IReadOnlyList<BpeMerge>? Merges { get; init; }

    /// <summary>Where <see cref="Merges"/> is null: the score of each token, the largest merges first (SentencePiece); null: the smallest id first.</summary>
    public IReadOnlyList<double>? Scores { get; init; }

    /// <summary>Symbols are bytes, written in the byte-level alphabet in tokenizer.json; otherwise they are characters.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>A piece that is a token is that token, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>A character without a token becomes the tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> of its bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Neighbouring unknown characters become one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Written before every symbol but the first of a piece.</summary>
    public string ContinuingSubwordPrefix { get; init; } = "";

    /// <summary>Written after the last symbol of a piece.</summary>
    public string EndOfWordSuffix { get; init; } = "";

    /// <summary>Ids of a byte-level vocabulary whose written form is not in the byte-level alphabet: their bytes are the form itself.</summary>
    public IReadOnlySet<int> Literal { get; init; } = new HashSet<int>();
}

/// <summary>Two neighbours that become one token.</summary>
public readonly record struct BpeMerge(int Left, int Right, int Result);

/// <summary>The most probable cut under independent tokens (Kudo, 2018).</summary>
public sealed record UnigramDefinition : ModelDefinition
{
    /// <summary>The logarithm of each token's probability.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    public bool ByteFallback { get; init; }

    /// <summary>Scores are added in single precision, as SentencePiece does; it decides between cuts that are equally good.</summary>
    public bool SinglePrecision { get; init; }
}

/// <summary>Greedy longest match within a word (Schuster and Nakajima, 2012).</summary>
public sealed record WordPieceDefinition : ModelDefinition
{
    public string ContinuingSubwordPrefix { get; init; } = "##";

    /// <summary>A longer word is unknown as a whole.</summary>
    public int MaximumCharacters { get; init; } = 100;
}

/// <summary>A piece is a token or unknown.</summary>
public sealed record WordLevelDefinition : ModelDefinition;
