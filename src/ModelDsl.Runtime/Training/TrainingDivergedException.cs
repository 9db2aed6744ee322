using System.Globalization;

namespace ModelDsl.Runtime;

/// <summary>
/// Training stopped because going on makes no sense. A loss or norm that is not finite stops before the update, so the
/// weights in memory are still those of the step before.
/// </summary>
public sealed class TrainingDivergedException(StepResult result, string cause) : Exception(Describe(result, cause))
{
    /// <summary>The offending step.</summary>
    public StepResult Result { get; } = result;

    private static string Describe(StepResult result, string cause) => string.Create(CultureInfo.InvariantCulture,
        $"Training diverged at step {result.Step}: {cause} (loss {result.Loss:G6}, gradient norm {result.GradientNorm:G6}, learning rate {result.LearningRate:G4}). " +
        $"Try a learning rate of {result.LearningRate / 3:G2} or less, a longer warm-up or a smaller ClipNorm, and look for broken data around this step. The last saved checkpoint is unchanged.");
}
