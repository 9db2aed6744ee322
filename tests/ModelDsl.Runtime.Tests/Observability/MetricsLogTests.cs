using System.Text.Json;

namespace ModelDsl.Runtime.Tests.Observability;

public sealed class MetricsLogTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Path => _folder.File("run/metrics.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ALineHasTheNamesOfTheStep()
    {
        Write(0, Metrics(1) with { ValidationLoss = 2.5f, LearningRate = 1e-3, PeakShare = 0.61 });
        using var line = JsonDocument.Parse(File.ReadAllLines(Path).Single());
        Assert.Equal(
            ["step", "loss", "validation_loss", "gradient_norm", "learning_rate", "tokens", "tokens_per_second", "milliseconds", "peak_share"],
            line.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(2.5, line.RootElement.GetProperty("validation_loss").GetDouble());
        Assert.Equal(4000, line.RootElement.GetProperty("tokens_per_second").GetDouble());
    }

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        StepMetrics[] metrics = [Metrics(1), Metrics(2) with { ValidationLoss = 1.25f }, Metrics(3) with { ValidationLoss = float.NaN }];
        Write(0, metrics);
        Assert.Equal(metrics, MetricsLog.Read(Path));
    }

    [Fact]
    public void ResumingDropsLaterStepsAndATornLine()
    {
        Write(0, [.. Enumerable.Range(1, 8).Select(step => Metrics(step))]);
        File.AppendAllText(Path, "{\"step\":9,\"lo");
        Assert.Equal(8, MetricsLog.Read(Path).Count);
        Write(5, Metrics(6), Metrics(7));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], MetricsLog.Read(Path).Select(m => m.Step));
        Assert.Equal(7, File.ReadAllLines(Path).Length);
        Write(100, Metrics(101));
        Assert.Equal(8, File.ReadAllLines(Path).Length);
        Write(0, Metrics(1));
        Assert.Single(File.ReadAllLines(Path));
    }

    [Fact]
    public void ALineIsThereAtOnce()
    {
        using var log = new MetricsLog(Path);
        log.Report(Metrics(1));
        Assert.Single(MetricsLog.Read(Path));
    }

    [Fact]
    public void ReportingAllocatesNothing()
    {
        using var log = new MetricsLog(Path);
        using var board = new TensorBoardLog(_folder.File("board"));
        var both = new ProgressList(log, board);
        both.Report(Metrics(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 2; step < 50; step++)
            both.Report(Metrics(step));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static StepMetrics Metrics(long step) => new()
    {
        Step = step, Loss = 4f / step, GradientNorm = 0.7f / step, LearningRate = 0.1 / step, Tokens = 1000, Milliseconds = 250,
    };

    private void Write(long completedSteps, params StepMetrics[] metrics)
    {
        using var log = new MetricsLog(Path, completedSteps);
        foreach (var step in metrics)
            log.Report(step);
    }
}
