using System.Diagnostics.Metrics;

namespace ModelDsl.Runtime;

/// <summary>
/// The instruments of the meter "ModelDsl", for dotnet-counters, OpenTelemetry and the like. Every run records; without
/// a listener that costs nothing.
/// </summary>
public static class TrainingMeter
{
    public const string Name = "ModelDsl";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Steps = Meter.CreateCounter<long>("modeldsl.training.steps", "{step}", "Optimizer steps done.");
    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("modeldsl.training.tokens", "{token}", "Tokens trained on.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("modeldsl.training.step.duration", "s", "Time of a step.");
    private static readonly Gauge<double> Loss = Meter.CreateGauge<double>("modeldsl.training.loss", null, "Loss of the last batch.");
    private static readonly Gauge<double> ValidationLoss = Meter.CreateGauge<double>("modeldsl.training.validation_loss", null, "Loss of the last validation.");
    private static readonly Gauge<double> GradientNorm = Meter.CreateGauge<double>("modeldsl.training.gradient_norm", null, "Global gradient norm before clipping.");
    private static readonly Gauge<double> LearningRate = Meter.CreateGauge<double>("modeldsl.training.learning_rate", null, "Learning rate of the last step.");
    private static readonly Gauge<double> PeakShare = Meter.CreateGauge<double>("modeldsl.training.peak_share", "1", "Share of the device's measured peak.");

    internal static void Record(in StepMetrics metrics)
    {
        Steps.Add(1);
        Tokens.Add(metrics.Tokens);
        Duration.Record(metrics.Milliseconds / 1e3);
        Loss.Record(metrics.Loss);
        GradientNorm.Record(metrics.GradientNorm);
        LearningRate.Record(metrics.LearningRate);
        PeakShare.Record(metrics.PeakShare);
        if (metrics.ValidationLoss is { } validation)
            ValidationLoss.Record(validation);
    }
}
