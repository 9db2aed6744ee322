using ModelDsl.Tokenizers.Patterns;

namespace ModelDsl.Tokenizers.Training;

/// <summary>How a byte-level BPE vocabulary is trained.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>The number of ids wanted, special tokens and the 256 bytes included.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The pattern that cuts the text into pieces; merges never cross a cut.</summary>
    public string Pattern { get; init; } = SplitPatterns.Cl100K;

    /// <summary>Tokens that come after the trained ones.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>A pair that occurs less often is not merged.</summary>
    public int MinimumFrequency { get; init; } = 2;

    /// <summary>Threads that count; 0: all cores. The result does not depend on it.</summary>
    public int Threads { get; init; }

    public IProgress<TrainingProgress>? Progress { get; init; }
}

/// <summary>How far a training has come.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="Done">Of <paramref name="Total"/>: bytes while counting, tokens while merging.</param>
public readonly record struct TrainingProgress(string Phase, long Done, long Total);
