using System.Diagnostics;

namespace ModelDsl.Runtime;

// The loop around the steps.
public sealed partial class Trainer
{
    private double _peakFlops;

    /// <summary>Trains until <see cref="FitOptions.Steps"/> steps are done, this trainer's earlier ones counted.</summary>
    /// <param name="progress">Called in turn, on this thread, after every step.</param>
    /// <exception cref="DatasetException">The data do not fit the model.</exception>
    /// <exception cref="TrainingDivergedException">The last good checkpoint stays.</exception>
    /// <exception cref="CheckpointException">A checkpoint could not be saved; the one before it stays.</exception>
    public FitResult Fit(IBatchSource dataset, FitOptions options, IProgress<StepMetrics>? progress = null)
    {
        using var use = _lifetime.EnterAlone();
        Check(dataset);
        float loss = float.NaN;
        float? validation = null;
        long saved = CompletedSteps;
        while (CompletedSteps < options.Steps && !options.Stop.IsCancellationRequested)
        {
            long begin = Stopwatch.GetTimestamp();
            var result = Step(dataset);
            var elapsed = Stopwatch.GetElapsedTime(begin);
            loss = result.Loss;
            bool last = CompletedSteps == options.Steps;
            bool evaluate = options.EvaluateEvery > 0 && (last || CompletedSteps % options.EvaluateEvery == 0);
            float? stepValidation = evaluate ? Evaluate(dataset) : null;
            validation = stepValidation ?? validation;
            var metrics = Metrics(result, stepValidation, elapsed, options.Steps);
            TrainingMeter.Record(metrics);
            progress?.Report(metrics);
            bool save = options.SaveEvery > 0 && CompletedSteps % options.SaveEvery == 0 && _divergence.State.High == 0;
            if (options.Folder is not null && save)
            {
                Save(options.Folder);
                saved = CompletedSteps;
            }
        }
        if (options.Folder is not null && saved != CompletedSteps)
            Save(options.Folder);
        return new(CompletedSteps, loss, validation, Stopped: CompletedSteps < options.Steps);
    }

    private StepMetrics Metrics(StepResult result, float? validation, TimeSpan elapsed, long steps)
    {
        double seconds = elapsed.TotalSeconds;
        // A peak that was measured while something else kept the machine busy is too low: measured now and then, the best counts.
        if (_peakFlops == 0 || validation is not null) _peakFlops = Math.Max(_peakFlops, _device.MeasurePeakFlops());
        double flops = _program.StepFlops(Options.Batch, Options.Length) * Options.GradientAccumulation;
        return new()
        {
            Step = result.Step,
            Steps = steps,
            Loss = result.Loss,
            ValidationLoss = validation,
            GradientNorm = result.GradientNorm,
            LearningRate = result.LearningRate,
            Tokens = (long)Options.Batch * Options.Length * Options.GradientAccumulation * Ranks.Size,
            Unit = _program.Inputs.Any(input => input.PerToken) ? "tokens" : "examples",
            Milliseconds = seconds * 1e3,
            PeakShare = _peakFlops > 0 ? flops / seconds / _peakFlops : 0,
        };
    }
}
