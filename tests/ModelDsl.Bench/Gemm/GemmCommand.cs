using System.CommandLine;
using System.Diagnostics;
using ModelDsl.Bench.Measuring;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Gemm;

/// <summary>`gemm`: the matrix product at the shapes that models have, beside the BLAS libraries that are installed.</summary>
internal static unsafe class GemmCommand
{
    public static Command Create()
    {
        var threads = new Option<int>("--threads") { Description = "Threads of both sides; 0 is one for each processor." };
        var peers = new Option<string[]>("--peer") { Description = "Path or name of a BLAS library; may be repeated." };
        var filter = new Option<string>("--filter") { Description = "Only rows whose text contains this." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of the median.", DefaultValueFactory = _ => 7 };
        var cold = new Option<bool>("--cold") { Description = "Operands that are in no cache, as a training step has them." };
        var command = new Command("gemm", "The fp32 matrix product.") { threads, peers, filter, rounds, cold };
        command.SetAction(parsed => Run(
            parsed.GetValue(threads), parsed.GetValue(peers) ?? [], parsed.GetValue(filter) ?? "", parsed.GetValue(rounds),
            parsed.GetValue(cold)));
        return command;
    }

    private static int Run(int threads, string[] peerNames, string filter, int rounds, bool cold)
    {
        threads = threads == 0 ? CpuInfo.Cores : threads;
        if (PeerEnvironment.Restart(threads, out int exitCode))
            return exitCode;
        using var device = new CpuDevice(threads);
        var peers = PeerBlas.Load(peerNames);
        var cases = GemmCase.All().Where(c => Describe(c).Contains(filter)).ToArray();
        if (cases.Length == 0)
        {
            Console.Error.WriteLine($"No case contains '{filter}'.");
            return 1;
        }
        double peak = PeakFlops.Measure(threads);
        WarmUp(device, cases[0]);
        Console.WriteLine($"{device.Name}; FMA peak {peak / 1e9:F0} GFLOP/s; operands {(cold ? "cold" : "warm")}");
        Console.WriteLine();
        Console.WriteLine("| case | layout | M x N x K | GFLOP/s | of peak |"
            + string.Concat(peers.Select(peer => $" {peer.Name} | ratio |")));
        Console.WriteLine("| --- | --- | --- | --- | --- |" + string.Concat(peers.Select(_ => " --- | --- |")));

        foreach (var c in cases)
        {
            using var operands = new GemmOperands(device, c, cold);
            var seconds = Rounds.Measure(rounds, 0.03, [() => Ours(device, c, operands),
                .. peers.Select(peer => (Action)(() => peer.Multiply(c, operands)))]);
            // The clock moves with the machine's load: shares are of the highest peak seen so far.
            Thread.Sleep(Rounds.PauseMilliseconds);
            peak = Math.Max(peak, PeakFlops.Measure(threads));
            Console.WriteLine($"| {Describe(c)} | {c.Flops / seconds[0] / 1e9:F1} | {c.Flops / seconds[0] / peak:P0} |"
                + string.Concat(seconds[1..].Select(s => $" {c.Flops / s / 1e9:F1} | {s / seconds[0]:F2} |")));
        }
        return 0;
    }

    /// <summary>A second of work, after which the runtime compiles nothing more in the background.</summary>
    private static void WarmUp(CpuDevice device, GemmCase c)
    {
        using var operands = new GemmOperands(device, c, cold: false);
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < 1;)
            Ours(device, c, operands);
    }

    private static string Describe(GemmCase c) => $"{c.Name} | {c.Layout} | {c.M} x {c.N} x {c.K}";

    private static void Ours(CpuDevice device, GemmCase c, GemmOperands operands)
    {
        operands.Next(out float* a, out float* b, out float* result);
        device.MatMul(
            c.M, c.N, c.K, new(a, c.TransposeA ? c.M : c.K, c.TransposeA), new(b, c.TransposeB ? c.K : c.N, c.TransposeB),
            new(result, c.N), c.Accumulate, default(NoEpilogue));
    }
}
