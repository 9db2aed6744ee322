using System.Diagnostics;
using System.Runtime.InteropServices;
using ModelDsl.Runtime.Cpu;
using ModelDsl.Runtime.Tests.Checkpoints;
using ModelDsl.Runtime.Tests.Training;

namespace ModelDsl.Runtime.Tests.Runs;

public sealed partial class RunFolderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ASecondRunIsToldWhoHoldsTheFolder()
    {
        using (var run = RunFolder.Open(_folder.File("out")))
        {
            string message = Assert.Throws<RunFolderInUseException>(() => RunFolder.Open(run.Path)).Message;
            Assert.Contains($"process {Environment.ProcessId} on host {Environment.MachineName}", message);
            Assert.Contains(run.Path, message);
        }
        RunFolder.Open(_folder.File("out")).Dispose();
    }

    [SmallDiskFact]
    public void AReadOnlyDiskIsNotCalledInUse()
    {
        using var disk = new SmallDisk(_folder.Path, kilobytes: 100);
        RunFolder.Open(_folder.File("out")).Dispose();
        disk.MakeReadOnly();
        foreach (string name in (string[])["out", "new"])
        {
            string message = Assert.Throws<RunFolderException>(() => RunFolder.Open(_folder.File(name))).Message;
            Assert.StartsWith($"{_folder.File(name)}: cannot hold a run: ", message);
            Assert.Contains("Read-only file system", message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void AFolderThatIsDisposedOfTwiceDoesNotLetAThirdRunIn()
    {
        var first = RunFolder.Open(_folder.Path);
        first.Dispose();
        using var second = RunFolder.Open(_folder.Path);
        first.Dispose();
        Assert.Contains($"process {Environment.ProcessId}", Assert.Throws<RunFolderInUseException>(() => RunFolder.Open(_folder.Path)).Message);
    }

    [Fact]
    public void TheLockOfADeadProcessIsTakenOver()
    {
        File.WriteAllText(_folder.File("run.lock"), "");
        File.WriteAllText(_folder.File("run.holder"), "process 1234567 on host nowhere");
        using var run = RunFolder.Open(_folder.Path);
        Assert.Contains($"process {Environment.ProcessId}", File.ReadAllText(_folder.File("run.holder")));
    }

    [FlockFact]
    public void ALockOfAnotherProcessHoldsUntilItDies()
    {
        File.WriteAllText(_folder.File("run.holder"), "process 1 on host elsewhere");
        using var holder = Process.Start(FlockFactAttribute.Command, [_folder.File("run.lock"), "sleep", "600"]);
        try
        {
            // The other process needs a moment to take the lock.
            Assert.True(SpinWait.SpinUntil(() => IsRefused("process 1 on host elsewhere"), TimeSpan.FromSeconds(60)));
        }
        finally
        {
            holder.Kill(entireProcessTree: true);
            holder.WaitForExit();
        }
        Assert.True(SpinWait.SpinUntil(() => !IsRefused("elsewhere"), TimeSpan.FromSeconds(60)));
    }

    private bool IsRefused(string holder)
    {
        if (!File.Exists(_folder.File("run.lock")))
            return false;
        try
        {
            RunFolder.Open(_folder.Path).Dispose();
            File.WriteAllText(_folder.File("run.holder"), holder);
            return false;
        }
        catch (RunFolderInUseException error)
        {
            return error.Message.Contains(holder);
        }
    }

    /// <summary>A test that needs util-linux's flock.</summary>
    private sealed class FlockFactAttribute : FactAttribute
    {
        public const string Command = "/usr/bin/flock";

        public FlockFactAttribute()
        {
            if (!File.Exists(Command))
                Skip = Command + " is not here";
        }
    }

    [Fact]
    public void AStoppedRunSavesAndGoesOnToTheSameBits()
    {
        TrainerOptions options = new() { Batch = 2, Length = 8, Schedule = new CosineSchedule(0.05, Steps: 30, WarmupSteps: 3) };
        using var device = new CpuDevice(1);
        using var data = TrainerTests.Chain(2000);
        var (whole, wholeMetrics) = Run("whole", stopAfter: int.MaxValue);
        var (stopped, _) = Run("parts", stopAfter: 13);
        Assert.Equal(13, MetricsLog.Read(_folder.File("parts/metrics.jsonl")).Count);
        var (resumed, resumedMetrics) = Run("parts", stopAfter: int.MaxValue);
        Assert.NotEqual(whole, stopped);
        Assert.Equal(whole, resumed);
        Assert.Equal(wholeMetrics, resumedMetrics);
        Assert.Equal(30, resumedMetrics.Length);

        (float[], (long, float, float?, float, double)[]) Run(string name, int stopAfter)
        {
            using var run = RunFolder.Open(_folder.File(name));
            using var stop = new CancellationTokenSource();
            using var trainer = new Trainer(new BigramProgram(11), device, options);
            if (run.HasCheckpoint)
                trainer.Resume(run.Path);
            using (var log = new MetricsLog(run.MetricsPath, trainer.CompletedSteps))
            {
                var result = trainer.Fit(data, new() { Steps = 30, EvaluateEvery = 5, SaveEvery = 4, Folder = run.Path, Stop = stop.Token },
                    new ProgressList(log, new Watch(step => { if (step == stopAfter) stop.Cancel(); })));
                Assert.Equal(stopAfter < 30, result.Stopped);
            }
            return (trainer.Weights["Table"].ToArray(),
                [.. MetricsLog.Read(run.MetricsPath).Select(m => (m.Step, m.Loss, m.ValidationLoss, m.GradientNorm, m.LearningRate))]);
        }
    }

    [Fact]
    public void ASignalCancelsTheTokenAndNotTheProcess()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var stop = new StopSignals();
        Assert.False(stop.Token.IsCancellationRequested);
        Assert.Equal(0, Kill(Environment.ProcessId, 15));
        Assert.True(stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private sealed class Watch(Action<long> seen) : IProgress<StepMetrics>
    {
        public void Report(StepMetrics value) => seen(value.Step);
    }
}
