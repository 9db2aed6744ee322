using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ModelDsl.Bench.Measuring;
using ModelDsl.Conformance.Tests.Models;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Quality;

/// <summary>`quality`: the validation loss of a small GPT-2 on a text's characters, and the same model's in PyTorch, by seeds.</summary>
internal static class QualityCommand
{
    private const int Layers = 4, Width = 128, Heads = 4, BatchSize = 12, Length = 64;
    private const double Rate = 1e-3, ValidationShare = 0.1;

    public static Command Create()
    {
        var data = new Option<FileInfo>("--data") { Description = "A text; its last tenth is for validation.", Required = true };
        var threads = new Option<int>("--threads") { Description = "Threads of both sides; 0 is one for each processor." };
        var steps = new Option<int>("--steps") { Description = "Steps of a run.", DefaultValueFactory = _ => 500 };
        var seeds = new Option<int>("--seeds") { Description = "Runs of each side.", DefaultValueFactory = _ => 3 };
        var python = new Option<string>("--python") { Description = "A Python with PyTorch; \"none\" for no peer.", DefaultValueFactory = _ => "none" };
        var command = new Command("quality", "Validation loss after some training on characters.") { data, threads, steps, seeds, python };
        command.SetAction(parsed => Run(
            parsed.GetValue(data)!, parsed.GetValue(threads), parsed.GetValue(steps), parsed.GetValue(seeds), parsed.GetValue(python)!));
        return command;
    }

    private static void Run(FileInfo data, int threads, int steps, int seeds, string python)
    {
        using var device = new CpuDevice(threads);
        string text = File.ReadAllText(data.FullName);
        char[] alphabet = [.. text.Distinct().Order()];
        int[] tokens = [.. text.Select(c => Array.BinarySearch(alphabet, c))];
        using var dataset = TokenDataset.FromTokens(tokens, new() { ValidationShare = ValidationShare, ValidationBatches = int.MaxValue });
        var model = new Gpt2(Vocab: alphabet.Length, Context: Length, Width, Layers, Heads);
        using var peer = python == "none" ? null : StartPeer(python, device.Pool.Threads, steps, alphabet.Length, tokens, (int)dataset.TrainingTokens);

        Console.WriteLine($"{device.Name}; {model}; B {BatchSize}, T {Length}, {steps} steps; {dataset.TrainingTokens} tokens for training, {dataset.ValidationTokens} for validation");
        Console.WriteLine();
        Console.WriteLine($"| seed | ModelDsl | s | {peer?.Answer() ?? "no peer"} | s |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        List<double> losses = [], peerLosses = [];
        for (int seed = 1; seed <= seeds; seed++)
        {
            long begin = Stopwatch.GetTimestamp();
            losses.Add(Train(model, device, dataset, steps, (ulong)seed));
            double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            begin = Stopwatch.GetTimestamp();
            if (peer?.Ask($"{seed}") is { } loss) peerLosses.Add(double.Parse(loss, CultureInfo.InvariantCulture));
            double peerSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            Console.WriteLine($"| {seed} | {losses[^1]:F4} | {seconds:F1} | {(peer is null ? "|" : $"{peerLosses[^1]:F4} | {peerSeconds:F1}")} |");
        }
        Console.WriteLine($"| mean | {losses.Average():F4} | | {(peer is null ? "" : $"{peerLosses.Average():F4}")} | |");
        Console.WriteLine($"| standard deviation | {Deviation(losses):F4} | | {(peer is null ? "" : $"{Deviation(peerLosses):F4}")} | |");
    }

    private static double Train(Gpt2 model, Device device, TokenDataset dataset, int steps, ulong seed)
    {
        using var trainer = new Trainer(model.CreateProgram(), device, new TrainerOptions
        {
            Batch = BatchSize, Length = Length, Seed = seed, Optimizer = new(Beta2: 0.99),
            Schedule = new CosineSchedule(Rate, steps, WarmupSteps: steps / 20, Floor: Rate / 10),
        });
        for (int step = 0; step < steps; step++)
            trainer.Step(dataset);
        return trainer.Evaluate(dataset)!.Value;
    }

    private static TorchProcess StartPeer(string python, int threads, int steps, int vocab, int[] tokens, int training)
    {
        var peer = new TorchProcess(python, "Quality/torch_quality.py", threads, Layers, Width, Heads, BatchSize, Length, steps, Rate, threads);
        peer.Tell($"{vocab}");
        peer.Tell(string.Join(' ', tokens[..training]));
        peer.Tell(string.Join(' ', tokens[training..]));
        return peer;
    }

    /// <summary>Of the sample, with n - 1.</summary>
    private static double Deviation(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Count - 1));
    }
}
