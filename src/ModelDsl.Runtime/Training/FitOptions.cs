namespace ModelDsl.Runtime;

/// <summary>How long a run goes and what it does on the way.</summary>
public sealed record FitOptions
{
    /// <summary>The step at which the run ends; a resumed run does what is left.</summary>
    public required long Steps { get; init; }

    /// <summary>A validation after every so many steps and after the last; 0 for none.</summary>
    public int EvaluateEvery { get; init; } = 100;

    /// <summary>Where checkpoints go; null for none.</summary>
    public string? Folder { get; init; }

    /// <summary>A checkpoint after every so many steps; one is always saved at the end.</summary>
    public int SaveEvery { get; init; } = 500;

    /// <summary>When it is cancelled, the step in progress is finished, a checkpoint saved, and Fit returns.</summary>
    public CancellationToken Stop { get; init; }
}

/// <summary>How a run ended.</summary>
/// <param name="Step">Steps done in all.</param>
/// <param name="Loss">Of the last step; NaN where there was none left to do.</param>
/// <param name="ValidationLoss">The last one.</param>
/// <param name="Stopped">Whether it was asked to stop before the end.</param>
public sealed record FitResult(long Step, float Loss, float? ValidationLoss, bool Stopped);
