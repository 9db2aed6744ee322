using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ModelDsl.Bench.Measuring;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Step;

/// <summary>`step`: a whole training step, GPT-2's beside PyTorch where it is installed.</summary>
internal static class StepCommand
{
    private const int Warmup = 2;

    public static Command Create()
    {
        var preset = new Option<string>("--preset") { Description = "small, 124m or textgpt.", DefaultValueFactory = _ => "small" };
        preset.AcceptOnlyFromAmong(StepPreset.Names);
        var threads = new Option<int>("--threads") { Description = "Threads of both sides; 0 is one for each processor." };
        var steps = new Option<int>("--steps") { Description = "Steps of a round.", DefaultValueFactory = _ => 5 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of both sides in turn.", DefaultValueFactory = _ => 3 };
        var clip = new Option<double>("--clip") { Description = "This side's gradient clipping; the peer has none." };
        var profile = new Option<bool>("--profile") { Description = "Prints the time of each kind of launch." };
        var python = new Option<string>("--python") { Description = "A Python with PyTorch; \"none\" for no peer.", DefaultValueFactory = _ => "none" };
        var command = new Command("step", "A training step with AdamW, of GPT-2 or of the example TextGpt.") { preset, threads, steps, rounds, clip, profile, python };
        command.SetAction(parsed => Run(
            StepPreset.Named(parsed.GetValue(preset)!), parsed.GetValue(threads), parsed.GetValue(steps), parsed.GetValue(rounds),
            parsed.GetValue(clip), parsed.GetValue(profile), parsed.GetValue(python)!));
        return command;
    }

    private static void Run(StepPreset preset, int threads, int steps, int rounds, double clip, bool profile, string python)
    {
        using var cpu = new CpuDevice(threads);
        threads = cpu.Pool.Threads;
        using var profiling = profile ? new ProfilingDevice(cpu) : null;
        using var peer = python == "none" ? null : new TorchProcess(python, "Step/torch_step.py", threads, preset.PeerArguments(threads));
        string peerName = peer?.Answer() ?? "";
        using var ours = new TrainingSteps(preset, (Device?)profiling ?? cpu, clip);
        for (int i = 0; i < Warmup; i++) ours.Step();
        peer?.Ask($"{Warmup}");
        profiling?.Clear();

        double peak = cpu.MeasurePeakFlops();
        List<double> seconds = [], peerSeconds = [];
        for (int round = 0; round < rounds; round++)
        {
            Thread.Sleep(Rounds.PauseMilliseconds);
            for (int i = 0; i < steps; i++) seconds.Add(ours.Step());
            Thread.Sleep(Rounds.PauseMilliseconds);
            if (peer?.Ask($"{steps}") is { } times)
                peerSeconds.AddRange(times.Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture)));
        }
        peak = Math.Max(peak, cpu.MeasurePeakFlops());
        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"{cpu.Name}; FMA peak {peak / 1e9:F0} GFLOP/s; {ours.Parameters / 1e6:F2} M parameters, {ours.Flops / 1e9:F1} GFLOP a step, clip norm {clip}");
        Console.WriteLine();
        Console.WriteLine("| side | ms, median | minimum | GFLOP/s | of FMA peak | peak RSS, MiB | bytes a parameter | allocated a step |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        Row("ModelDsl", seconds, process.PeakWorkingSet64, $"{ours.Allocated}");
        if (peer is not null)
        {
            peer.Close();
            long peerBytes = long.Parse(peer.Answer(), CultureInfo.InvariantCulture);
            Row(peerName, peerSeconds, peerBytes, "");
            Console.WriteLine($"| ratio | {Median(peerSeconds) / Median(seconds):F2} | {peerSeconds.Min() / seconds.Min():F2} | | | {(double)process.PeakWorkingSet64 / peerBytes:F2} | | |");
        }
        Console.WriteLine();
        profiling?.Print(seconds.Count, peak);

        void Row(string side, List<double> times, long bytes, string allocated)
        {
            double median = Median(times);
            Console.WriteLine(
                $"| {side} | {median * 1e3:F1} | {times.Min() * 1e3:F1} | {ours.Flops / median / 1e9:F1} | {ours.Flops / median / peak:P1} | " +
                $"{bytes / 1048576.0:F0} | {(double)bytes / ours.Parameters:F1} | {allocated} |");
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
