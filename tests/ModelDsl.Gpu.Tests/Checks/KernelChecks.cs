using ModelDsl.Gpu.OpenCl;
using ModelDsl.Gpu.Proof;
using ModelDsl.Runtime.Native;
using Xunit.Abstractions;

namespace ModelDsl.Gpu.Tests;

/// <summary>The proof's checks at their quick sizes, on every device that a machine without a GPU can have.</summary>
public abstract class KernelChecks(KernelChecks.Target target, ITestOutputHelper output)
{
    private const int Seed = 1;

    /// <summary>A device for the whole run; tests of one class do not run beside each other.</summary>
    public sealed class Target
    {
        private readonly CheckSession _session;

        public Target(Func<GpuDevice> open)
        {
            _session = new(open);
            try
            {
                Checks = [.. CheckCatalogue.All.Where(check => check.Needs.Refuse(_session.Device) is null).Select(check => check.Name)];
            }
            catch (Exception error) when (error is GpuException or NativeLibraryException)
            {
                Missing = error.Message;
            }
        }

        /// <summary>Why there is no such device; null where there is.</summary>
        public string? Missing { get; }

        public TheoryData<string> Checks { get; } = [.. CheckCatalogue.All.Select(check => check.Name)];

        public CheckResult Run(CheckCase item) => _session.Run(item, Seed);
    }

    protected void Run(string name)
    {
        CheckResult[] results = [.. CheckCatalogue.All.Single(check => check.Name == name).Cases(CheckSizes.Quick).Select(target.Run)];
        foreach (CheckResult result in results)
            output.WriteLine($"{result.Name}: {result.Skipped ?? (result.Passed ? string.Join("; ", result.Outputs) : result.Problem)}");
        Assert.Empty(results.Where(result => !result.Passed && result.Skipped is null).Select(result => $"{result.Name}: {result.Problem}"));
        Assert.Contains(results, result => result.Passed);
    }
}

/// <summary>On the first OpenCL device: PoCL on the processor, or a GPU.</summary>
public sealed class OpenClKernelChecks(ITestOutputHelper output) : KernelChecks(Device, output)
{
    private static readonly Target Device = new(() => OpenClDevice.Open());

    public static TheoryData<string> Checks => Device.Checks;

    [DeviceTheory]
    [MemberData(nameof(Checks))]
    public void Passes(string check) => Run(check);

    private sealed class DeviceTheoryAttribute : TheoryAttribute
    {
        public DeviceTheoryAttribute() => Skip = Device.Missing;
    }
}
