namespace ModelDsl.Runtime;

/// <summary>What one step of training computed.</summary>
/// <param name="Step">Counts from 1.</param>
/// <param name="Loss">Of the batch, before the update.</param>
/// <param name="GradientNorm">Global, before clipping.</param>
public readonly record struct StepResult(long Step, float Loss, float GradientNorm, double LearningRate);

/// <summary>What is reported of one step.</summary>
public readonly record struct StepMetrics
{
    /// <summary>Counts from 1.</summary>
    public long Step { get; init; }

    /// <summary>The step at which the run ends.</summary>
    public long Steps { get; init; }

    public float Loss { get; init; }

    /// <summary>Where this step was followed by a validation.</summary>
    public float? ValidationLoss { get; init; }

    /// <summary>Global, before clipping.</summary>
    public float GradientNorm { get; init; }

    public double LearningRate { get; init; }

    /// <summary>Sequences times length of the step.</summary>
    public long Tokens { get; init; }

    /// <summary>What they are called where a person reads: "tokens", or "examples" in models without a length; null is "tokens".</summary>
    public string? Unit { get; init; }

    /// <summary>Of the step, filling the batch included, validation not.</summary>
    public double Milliseconds { get; init; }

    public double TokensPerSecond => Tokens / Milliseconds * 1e3;

    /// <summary>The model's FLOP/s over the device's measured peak; 0 where the peak is unknown.</summary>
    public double PeakShare { get; init; }
}
