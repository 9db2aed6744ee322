namespace ModelDsl.Inference;

/// <summary>
/// How the next token is chosen from the logits: a penalty for repetition, then the temperature, then the token is drawn
/// from what all of the cuts leave. Values that are left alone cut nothing.
/// </summary>
public sealed record Sampling
{
    /// <summary>The most likely token; of equal ones the first.</summary>
    public static Sampling Greedy { get; } = new() { Temperature = 0 };

    /// <summary>From the <paramref name="count"/> most likely tokens (Fan et al., 2018).</summary>
    public static Sampling TopK(int count, float temperature = 1, ulong seed = 0) => new() { MostLikely = count, Temperature = temperature, Seed = seed };

    /// <summary>From the fewest tokens that have this share of the probability (nucleus sampling, Holtzman et al., 2020).</summary>
    public static Sampling TopP(float share, float temperature = 1, ulong seed = 0) => new() { Nucleus = share, Temperature = temperature, Seed = seed };

    /// <summary>From the tokens that are at least this times as likely as the most likely one (Nguyen et al., 2024).</summary>
    public static Sampling MinP(float ratio, float temperature = 1, ulong seed = 0) => new() { LeastRatio = ratio, Temperature = temperature, Seed = seed };

    /// <summary>Logits are divided by it; 0 is greedy.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Top-k: tokens that stay, the most likely ones; 0 is all.</summary>
    public int MostLikely { get; init; }

    /// <summary>Top-p: the share of the probability that stays at least, in (0, 1]; of what top-k has left.</summary>
    public float Nucleus { get; init; } = 1;

    /// <summary>Min-p: how likely a token is at least, against the most likely one, in [0, 1].</summary>
    public float LeastRatio { get; init; }

    /// <summary>
    /// Positive logits of tokens that the text has already are divided by it, negative ones multiplied (Keskar et al.,
    /// 2019); 1 is none.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>How far back the penalty looks, in tokens; 0 is the whole text.</summary>
    public int RepetitionWindow { get; init; }

    /// <summary>The same seed gives the same text.</summary>
    public ulong Seed { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Validate()
    {
        Check(Temperature >= 0 && float.IsFinite(Temperature), nameof(Temperature), Temperature, "0 or more");
        Check(MostLikely >= 0, nameof(MostLikely), MostLikely, "0 or more");
        Check(Nucleus is > 0 and <= 1, nameof(Nucleus), Nucleus, "in (0, 1]");
        Check(LeastRatio is >= 0 and <= 1, nameof(LeastRatio), LeastRatio, "in [0, 1]");
        Check(RepetitionPenalty > 0 && float.IsFinite(RepetitionPenalty), nameof(RepetitionPenalty), RepetitionPenalty, "above 0");
        Check(RepetitionWindow >= 0, nameof(RepetitionWindow), RepetitionWindow, "0 or more");
    }

    private static void Check(bool holds, string name, object value, string range)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, value, $"Sampling.{name} must be {range}.");
    }
}
