using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.OpenCl;
using ModelDsl.Gpu.Proof;
using ModelDsl.Gpu.Tests.Emulator;
using ModelDsl.Runtime.Native;
using Xunit.Abstractions;

namespace ModelDsl.Gpu.Tests;

/// <summary>The proof program's checks at their quick sizes, on devices that need no GPU.</summary>
public abstract class KernelChecks(ITestOutputHelper output)
{
    private const int Seed = 1;

    private protected void Run(CheckSession session, string name, int step = 1)
    {
        CheckResult[] results = [.. CheckCatalogue.All.Single(check => check.Name == name).Cases(CheckSizes.Quick)
            .Where((_, index) => index % step == 0).Select(item => session.Run(item, Seed))];
        foreach (CheckResult result in results)
            output.WriteLine($"{result.Name}: {result.Skipped ?? (result.Passed ? string.Join("; ", result.Outputs) : result.Problem)}");
        Assert.Empty(results.Where(result => !result.Passed && result.Skipped is null).Select(result => $"{result.Name}: {result.Problem}"));
        Assert.Contains(results, result => result.Passed);
    }

    private protected static TheoryData<string> Names(Func<Check, bool> where) => [.. CheckCatalogue.All.Where(where).Select(check => check.Name)];
}

/// <summary>On the first OpenCL device: PoCL on the CPU, or a GPU.</summary>
public sealed class OpenClKernelChecks(ITestOutputHelper output) : KernelChecks(output)
{
    private static readonly CheckSession s_session = new(() => OpenClDevice.Open());

    public static TheoryData<string> Checks => Names(check => check.Needs == DeviceNeeds.Any);

    [OpenClTheory]
    [MemberData(nameof(Checks))]
    public void Passes(string check) => Run(s_session, check, StepOf(check));

    // Each case of a matrix product is compiled separately, which takes seconds: a full run has all of them.
    private static int StepOf(string check) => check.Contains("matmul", StringComparison.Ordinal) && !Sweep.IsFull ? 3 : 1;

    private sealed class OpenClTheoryAttribute : TheoryAttribute
    {
        public OpenClTheoryAttribute()
        {
            try
            {
                _ = s_session.Device;
            }
            catch (Exception error) when (error is GpuException or NativeLibraryException)
            {
                Skip = error.Message;
            }
        }
    }
}

/// <summary>On the emulated CUDA device of capability 9.0: bindings, modules, launches and the kernels in CUDA C++.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed class CudaKernelChecks(ITestOutputHelper output) : KernelChecks(output)
{
    public static TheoryData<string> Checks => Names(_ => true);

    [EmulatorTheory]
    [MemberData(nameof(Checks))]
    public void Passes(string check)
    {
        CudaEmulator.Reset();
        using var session = new CheckSession(() => CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder)));
        Run(session, check);
    }
}
