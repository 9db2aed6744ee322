using System.CommandLine;
using ModelDsl.Bench.Measuring;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Attention;

/// <summary>`attention`: causal attention, forward and backward, beside PyTorch where it is installed.</summary>
internal static unsafe class AttentionCommand
{
    public static Command Create()
    {
        var threads = new Option<int>("--threads") { Description = "Threads of both sides; 0 is one for each processor." };
        var python = new Option<string>("--python") { Description = "A Python with PyTorch; \"none\" for no peer.", DefaultValueFactory = _ => "none" };
        var filter = new Option<string>("--filter") { Description = "Only rows whose text contains this." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of the median.", DefaultValueFactory = _ => 7 };
        var command = new Command("attention", "Causal softmax attention.") { threads, python, filter, rounds };
        command.SetAction(parsed => Run(
            parsed.GetValue(threads), parsed.GetValue(python)!, parsed.GetValue(filter) ?? "", parsed.GetValue(rounds)));
        return command;
    }

    private static void Run(int threads, string python, string filter, int rounds)
    {
        using var device = new CpuDevice(threads);
        using var peer = python == "none" ? null : new TorchAttention(python, device.Pool.Threads);
        double peak = PeakFlops.Measure(device.Pool.Threads);
        Console.WriteLine($"{device.Name}; FMA peak {peak / 1e9:F0} GFLOP/s{(peer == null ? "" : "; " + peer.Version)}");
        Console.WriteLine();
        Console.WriteLine("| case | pass | ms | GFLOP/s | of peak | GB/s | PyTorch ms | ratio |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var c in AttentionBenchCase.All.Where(c => c.Name.Contains(filter)))
        {
            int tokens = c.Batch * c.Keys, token = c.TokenFloats, width = c.Heads * c.HeadSize, rows = c.Batch * c.Heads * c.Queries;
            using var memory = device.Allocate((2L * tokens * token + 2L * tokens * width + 2L * rows) * sizeof(float));
            float* x = (float*)memory.Pointer, dx = x + (long)tokens * token, output = dx + (long)tokens * token;
            float* outputGradient = output + (long)tokens * width, logSumExp = outputGradient + (long)tokens * width;
            var random = new Random(1);
            for (float* p = x; p < logSumExp; p++) *p = random.NextSingle() - 0.5f;
            var arguments = c.Arguments(x, output, logSumExp);
            var gradients = new AttentionGradients
            {
                Output = outputGradient, Query = dx, Key = dx + width, Value = dx + width + c.KeyHeads * c.HeadSize,
                OutputStride = width, QueryStride = token, KeyStride = token, ValueStride = token, Scratch = logSumExp + rows,
            };
            var (torchForward, torchBackward) = peer?.Measure(c) ?? default;
            double[] seconds = c.Trains
                ? Rounds.Measure(rounds, 0.05, () => device.Attention(arguments), () => device.AttentionBackward(arguments, gradients))
                : Rounds.Measure(rounds, 0.05, () => device.Attention(arguments));
            peak = PeakFlops.Measure(device.Pool.Threads); // the clock moves with the machine's load
            Row(c, "forward", c.ForwardFlops, seconds[0], peak, torchForward);
            if (c.Trains) Row(c, "backward", c.BackwardFlops, seconds[1], peak, torchBackward);
        }
    }

    private static void Row(AttentionBenchCase c, string pass, double flops, double seconds, double peak, double torch)
    {
        string bandwidth = c.Trains ? "" : $"{c.Bytes / seconds / 1e9:F1}";
        string ratio = torch == 0 ? " | |" : $" {torch * 1e3:F2} | {torch / seconds:F2} |";
        Console.WriteLine($"| {c.Name} | {pass} | {seconds * 1e3:F3} | {flops / seconds / 1e9:F0} | {flops / seconds / peak:P0} | {bandwidth} |{ratio}");
    }
}
