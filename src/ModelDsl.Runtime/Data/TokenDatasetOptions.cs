namespace ModelDsl.Runtime;

/// <summary>How training sequences are taken from the stream of tokens.</summary>
public enum TokenOrder
{
    /// <summary>Length + 1 tokens from a random place, drawn with replacement.</summary>
    RandomCrops,
    /// <summary>
    /// The stream cut into windows of Length, each seen once an epoch in a shuffled order. Documents are packed one behind
    /// the other.
    /// </summary>
    Epochs,
}

/// <summary>What a <see cref="TokenDataset"/> makes of its tokens.</summary>
public sealed record TokenDatasetOptions
{
    public TokenOrder Order { get; init; }

    /// <summary>The share of the tokens, at the end of the stream, that is kept for validation; unused with validation shards.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>The most validation batches; they are spread evenly over the validation tokens.</summary>
    public int ValidationBatches { get; init; } = 16;

    /// <summary>The token that ends a document, -1 for none.</summary>
    public int EndOfDocument { get; init; } = -1;

    /// <summary>
    /// Whether the target behind an <see cref="EndOfDocument"/> is masked with -1: nothing in a document foretells the
    /// first token of the next. Attention still sees across the boundary.
    /// </summary>
    public bool MaskDocumentStarts { get; init; }

    /// <summary>
    /// How many tokens are read, about, to tell whether a resumed run has the data that it began with: all where there are no
    /// more, otherwise chunks of 65,536 spread evenly. The default is a gigabyte of uint16, a fraction of a second once it is
    /// in memory; <see cref="long.MaxValue"/> reads all.
    /// </summary>
    public long FingerprintTokens { get; init; } = 1L << 29;
}
