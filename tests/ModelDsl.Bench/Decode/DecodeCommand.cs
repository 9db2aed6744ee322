using System.CommandLine;
using System.Diagnostics;
using ModelDsl.Bench.Measuring;
using ModelDsl.Inference;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Decode;

/// <summary>`decode`: tokens a second of generated text, and the share of the memory's bandwidth that it reads weights at.</summary>
internal static class DecodeCommand
{
    private const int Prompt = 512, Made = 64;

    public static Command Create()
    {
        var threads = new Option<int>("--threads") { Description = "0 is one for each processor." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds, of which the median counts.", DefaultValueFactory = _ => 5 };
        var command = new Command("decode", "Prompt and single tokens of a Llama of 110 million parameters, fp32.") { threads, rounds };
        command.SetAction(parsed => Run(parsed.GetValue(threads), parsed.GetValue(rounds)));
        return command;
    }

    private static void Run(int threads, int rounds)
    {
        using var device = new CpuDevice(threads);
        var model = new Story();
        using var weights = new WeightStore(model.CreateDecodeProgram().Weights, device);
        WeightInitialiser.Fill(weights, seed: 1);
        using var generator = model.CreateGenerator(weights);
        int[] prompt = [.. Enumerable.Range(0, Prompt).Select(i => i * 37 % model.Vocab)];
        Generate([1], Made);
        Generate(prompt, 1);

        double before = ReadBandwidth.Measure(device);
        double[] prefills = new double[rounds], decodes = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            prefills[round] = Generate(prompt, 1);
            // From an empty context, as peers measure it: the first token is the prompt.
            decodes[round] = Generate([1], Made) / Made;
        }
        double after = ReadBandwidth.Measure(device), prefill = Median(prefills), decode = Median(decodes);
        // Each token reads every weight once; the embedding is the head too.
        double read = weights.Count * sizeof(float) / decode;
        Console.WriteLine($"{device.Name}; {weights.Count / 1e6:F0} M parameters, fp32; memory read at {before / 1e9:F1} GB/s before, {after / 1e9:F1} after");
        Console.WriteLine();
        Console.WriteLine("| what | tokens/s | |");
        Console.WriteLine("| --- | --- | --- |");
        Console.WriteLine($"| prompt of {Prompt} | {Prompt / prefill:F0} | |");
        Console.WriteLine($"| {Made} tokens | {1 / decode:F1} | {read / 1e9:F1} GB/s of weights, {read / Math.Max(before, after):P0} of the bandwidth |");

        double Generate(int[] tokens, int count)
        {
            long begin = Stopwatch.GetTimestamp();
            int made = generator.Stream(tokens, Sampling.Greedy, count).Count();
            double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            return made == count ? seconds : throw new InvalidOperationException($"{made} tokens instead of {count}.");
        }
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
