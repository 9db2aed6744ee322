namespace ModelDsl.Tokenizers.Training;

/// <summary>How a Unigram vocabulary is trained.</summary>
public sealed record UnigramTrainerOptions
{
    /// <summary>The number of ids wanted: the unknown token, special tokens and byte tokens included.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Tokens that come right after the unknown token.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Whether 256 tokens stand for the bytes of characters that were not seen, so that nothing is unknown.</summary>
    public bool ByteFallback { get; init; } = true;

    /// <summary>The longest piece, in characters.</summary>
    public int MaximumPieceLength { get; init; } = 16;

    /// <summary>How many candidates the training begins with.</summary>
    public int SeedSize { get; init; } = 1_000_000;

    /// <summary>The share of the pieces that a round of pruning leaves.</summary>
    public double ShrinkFactor { get; init; } = 0.75;

    /// <summary>Threads that count; 0: all cores. The result does not depend on it.</summary>
    public int Threads { get; init; }

    public IProgress<TrainingProgress>? Progress { get; init; }
}
