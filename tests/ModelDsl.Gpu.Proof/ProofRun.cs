using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Gpu.Proof;

/// <summary>One run of the program: the checks, then the measurements, with a line of progress for each.</summary>
public sealed class ProofRun(ProofOptions options, string command, TextWriter console)
{
    // The share of the time that checks may take if measurements follow.
    private const double ShareOfChecks = 0.5;

    // No kernel of a GPU takes this long; a compiler for the CPU may take most of it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ReportFiles _files = new(options.Output);
    private readonly ProofReport _report = new()
    {
        Command = command, Seed = options.Seed, Quick = options.Quick,
        Host = $"{CpuInfo.Name}, {CpuInfo.Cores} processors, {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}",
    };

    /// <summary>0 if everything ran and every check passed, else 1.</summary>
    public int Run()
    {
        string scratch = Directory.CreateTempSubdirectory("modeldsl-gpu-proof").FullName;
        // Every run compiles its kernels, in its own folder.
        Environment.SetEnvironmentVariable("MODELDSL_CACHE", scratch);
        using var session = new CheckSession(() => GpuDevice.Open(options.Device));
        using var watchdog = new Watchdog(s_patience, Hangs);
        try
        {
            Describe(session);
            if (_report.Device is not null)
            {
                if (options.Check)
                    RunChecks(session, watchdog);
                if (options.Measure)
                    RunMeasurements(session, watchdog, scratch);
                AddClocks("at the end");
            }
        }
        finally
        {
            Finish();
            Directory.Delete(scratch, recursive: true);
        }
        return _report.Passed ? 0 : 1;
    }

    private void Describe(CheckSession session)
    {
        Say($"seed {options.Seed}, {options.Device}{(options.Quick ? ", tiny sizes" : "")}");
        _report.Libraries = Device.List().Libraries;
        AddClocks("at the beginning");
        try
        {
            GpuDevice device = session.Device;
            _report.Device = new(device.Id, device.Name, device.ComputeCapability, device.Multiprocessors, device.TotalMemory);
            Say($"{device.Name}, capability {device.ComputeCapability / 10.0:0.0}");
        }
        catch (Exception error) // no driver, no device, no library: the report says which
        {
            Problem($"{options.Device} does not open: {error.Message}");
        }
    }

    private void RunChecks(CheckSession session, Watchdog watchdog)
    {
        TimeSpan end = options.Measure ? ShareOfChecks * options.Limit : options.Limit;
        foreach (Check check in CheckCatalogue.All.Where(check => options.Wants(check.Name)))
        {
            var began = _clock.Elapsed;
            List<CheckResult> results = [];
            CheckCase[] cases = [.. check.Cases(options.Quick ? CheckSizes.Quick : CheckSizes.Full)];
            foreach (CheckCase item in cases)
            {
                if (_clock.Elapsed > end)
                    break;
                watchdog.Watch($"check {item.Name}");
                results.Add(session.Run(item, options.Seed));
            }
            if (results.Count < cases.Length)
                Problem($"check {check.Name}: time ran out, {cases.Length - results.Count} of {cases.Length} cases did not run");
            if (results.Count == 0)
                continue;
            CheckSummary summary = Summarise(check, results, (_clock.Elapsed - began).TotalSeconds);
            _report.Checks.Add(summary);
            Say($"check {check.Name}: {summary.Passed} passed"
                + (summary.Skipped.Count == 0 ? "" : $", {summary.Skipped.Count} not run ({summary.Skipped[0]})")
                + (summary.Failures.Count == 0 ? "" : $", {summary.Failures.Count} FAILED"));
            foreach (CheckFailure failure in summary.Failures)
                Say($"  FAILED {failure.Case}: {failure.Problem}");
            Save();
        }
    }

    private static CheckSummary Summarise(Check check, IReadOnlyList<CheckResult> results, double seconds) => new(
        check.Name, results.Count(result => result.Passed),
        [.. results.Where(result => !result.Passed && result.Skipped is null).Select(result => new CheckFailure(result.Name, result.Problem))],
        [.. results.Where(result => result.Skipped is not null).Select(result => result.Skipped!)],
        results.Where(result => result.Passed).SelectMany(result => result.Outputs).Select(output => output.Error == 0 ? 0 : output.Error / output.Bound).DefaultIfEmpty().Max(),
        seconds,
        [.. results.Select(result => new CheckCaseSummary(result.Name, [.. result.Outputs.Select(output => new CheckOutputSummary(output.Output, Finite(output.Error), Finite(output.Bound)))]))]);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private void RunMeasurements(CheckSession session, Watchdog watchdog, string scratch)
    {
        int index = options.Device.Split(':') is [_, var number] && int.TryParse(number, CultureInfo.InvariantCulture, out int parsed) ? parsed : 0;
        bool isCuda = options.Device.StartsWith("cuda", StringComparison.Ordinal);
        using var peers = new Peers(
            new TorchPeer(options.Python, options.Quick || !isCuda ? "cpu" : options.Device, scratch),
            new CudaPeer(options.Python is null ? "left out by --no-peer" : isCuda ? null : "the device is not a CUDA device", index, scratch));
        watchdog.Watch("the start of PyTorch");
        peers.Torch.Start();
        Say($"peer: {peers.Torch.Description}");
        foreach (Measurement measurement in Measurement.All.Where(measurement => options.Wants(measurement.Name)))
        {
            if (_clock.Elapsed > options.Limit)
            {
                Problem($"measurement {measurement.Name}: time ran out before it began");
                continue;
            }
            watchdog.Watch($"measurement {measurement.Name}");
            MeasurementResult result = Measure(measurement, session, watchdog, peers);
            _report.Measurements.Add(result);
            (_report.Torch, _report.CudaPeer) = (peers.Torch.Description, peers.Cuda.Description);
            foreach (MeasurementRow row in result.Rows)
                Say($"  {row.Case}: {ReportText.Number(row.Ours.Median)} {row.Unit}{(row.Goal is { Reached: { } reached } ? $", {ReportText.Number(reached)} where {row.Goal.Text} is wanted" : "")}");
            if (result.Problem is not null)
                Say($"  FAILED {measurement.Name}: {result.Problem}");
            Save();
        }
    }

    private MeasurementResult Measure(Measurement measurement, CheckSession session, Watchdog watchdog, Peers peers)
    {
        var began = _clock.Elapsed;
        MeasurementResult Result(IReadOnlyList<MeasurementRow> rows, string? problem, string? skipped) => new(
            measurement.Name, measurement.Method, rows, problem, skipped, skipped is null ? GpuClocks.Read() : null, (_clock.Elapsed - began).TotalSeconds);

        Say($"measure {measurement.Name}");
        MeasureRun? run = null;
        try
        {
            if (measurement.Needs.Refuse(session.Device) is { } reason)
                return Result([], null, reason);
            using (run = new MeasureRun(session.Device, () => GpuDevice.Open(options.Device), peers, watchdog, options.Quick, options.Seed))
                measurement.Run(run);
            return Result(run.Rows, run.Problems.Count == 0 ? null : string.Join(" | ", run.Problems), null);
        }
        catch (Exception error) // the other measurements still run
        {
            if (error is GpuDeviceLostException)
                session.Dispose();
            return Result(run?.Rows ?? [], $"{error.GetType().Name}: {error.Message}", null);
        }
    }

    // The waiting thread cannot be cancelled, and the device stays blocked until the process ends.
    private void Hangs(string task)
    {
        Problem($"{task} did not end within {s_patience.TotalSeconds:0} s; what follows did not run. Run again with --skip and a part of its name for the rest");
        Finish();
        console.Flush();
        Environment.Exit(1);
    }

    private void AddClocks(string when)
    {
        if (GpuClocks.Read() is { } clocks)
            _report.Clocks.Add($"{when}: {clocks}");
    }

    private void Finish()
    {
        Save();
        console.WriteLine();
        console.Write(ReportText.Checks(_report));
        console.Write(ReportText.Measurements(_report));
        foreach (string problem in _report.Problems)
            console.WriteLine($"FAILED {problem}");
        int passed = _report.Checks.Sum(check => check.Passed), failed = _report.Checks.Sum(check => check.Failures.Count), skipped = _report.Checks.Sum(check => check.Skipped.Count);
        Goal[] goals = [.. _report.Measurements.SelectMany(measurement => measurement.Rows).Select(row => row.Goal).OfType<Goal>()];
        console.WriteLine($"{(_report.Passed ? "PASSED" : "FAILED")}: {passed} cases passed, {failed} failed, {skipped} not run; "
            + (options.Quick ? "" : $"{goals.Count(goal => goal.Met == true)} of {goals.Length} goals reached; ") + $"{_report.Seconds:0} s, seed {options.Seed}"
            + (options.Output is null ? "" : $"; results in {options.Output.FullName}"));
    }

    private void Problem(string text)
    {
        _report.Problems.Add(text);
        Say($"FAILED {text}");
    }

    private void Save()
    {
        _report.Seconds = _clock.Elapsed.TotalSeconds;
        _files.Write(_report);
    }

    private void Say(string text) => console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_clock.Elapsed.TotalSeconds,6:0.0} s] {text}"));
}
