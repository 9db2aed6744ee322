using System.CommandLine;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Running;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Gemm;

/// <summary>`dispatch`: what handing work to the worker pool costs, beside <see cref="Parallel"/>.</summary>
internal static class DispatchCommand
{
    public static Command Create()
    {
        var command = new Command("dispatch", "Fork and join of empty work (BenchmarkDotNet).");
        command.SetAction(_ => { BenchmarkRunner.Run<DispatchBenchmark>(); });
        return command;
    }
}

[ShortRunJob, MemoryDiagnoser]
public unsafe class DispatchBenchmark
{
    private WorkerPool _pool = null!;

    /// <summary>A product has about as many parts as threads, a launch of row kernels up to 64.</summary>
    [Params(2, 64)] public int Parts;

    [GlobalSetup]
    public void Setup() => _pool = new WorkerPool();

    [GlobalCleanup]
    public void Cleanup() => _pool.Dispose();

    [Benchmark]
    public void Pool() => _pool.Run(&Nothing, null, Parts);

    [Benchmark(Baseline = true)]
    public void ParallelFor() => Parallel.For(0, Parts, static _ => { });

    private static void Nothing(void* state, int part) { }
}
