using ModelDsl.Gpu.OpenCl;
using ModelDsl.Gpu.Proof;
using ModelDsl.Runtime;
using Xunit.Abstractions;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>No portable kernel has a data race: the smaller sizes of every check, on Oclgrind.</summary>
public sealed class DataRaceTests(ITestOutputHelper output)
{
    /// <summary>The checks whose kernels share memory between threads; the tiled check covers the device's products.</summary>
    public static TheoryData<string> Checks =>
    [
        .. CheckCatalogue.All.Where(check => check.Needs == DeviceNeeds.Any).Select(check => check.Name)
            .Where(name => !name.StartsWith("matmul", StringComparison.Ordinal) && name is not ("dialect functions" or "dialect 16-bit floats")),
    ];

    [OclgrindTheory]
    [MemberData(nameof(Checks))]
    public void HasNoDataRace(string name)
    {
        int most = (name.StartsWith("attention", StringComparison.Ordinal) ? 1 : 2) * (Sweep.IsFull ? 2 : 1); // attention's are larger
        CheckResult[] results;
        using (OpenClDevice device = OpenClDevice.Open(OclgrindLibrary.Library, 0))
            results = [.. CheckCatalogue.All.Single(check => check.Name == name).Cases(CheckSizes.Quick).Take(most).Select(item => item.Run(device, 1))];
        foreach (CheckResult result in results)
            output.WriteLine($"{result.Name}: {result.Skipped ?? (result.Passed ? "passed" : result.Problem)}, {result.Elapsed.TotalSeconds:0.0} s");
        Assert.All(results, result => Assert.True(result.Passed || result.Skipped is not null, result.Problem));
        Assert.Equal("", OclgrindLibrary.Log);
    }

    [OclgrindTheory]
    [InlineData("", true)]
    [InlineData("BARRIER();", false)]
    public void AMissingBarrierIsFound(string barrier, bool isRace)
    {
        var source = new KernelSource("reverse.c", """
            KERNEL(reverse)(GLOBAL int* x)
            {
                SHARED int row[64];
                row[LOCAL_ID(0)] = x[LOCAL_ID(0)];
                WAIT
                x[LOCAL_ID(0)] = row[63 - LOCAL_ID(0)];
            }
            """, ("WAIT", barrier));
        using (OpenClDevice device = OpenClDevice.Open(OclgrindLibrary.Library, 0))
        {
            using GpuMemory x = device.Allocate(64 * 4);
            device.Compile(source)["reverse"].Launch(device.DefaultStream, new(1, 64), x);
            device.DefaultStream.Synchronize();
        }
        Assert.Equal(isRace, OclgrindLibrary.Log.Contains("data race at local memory"));
    }

    private sealed class OclgrindTheoryAttribute : TheoryAttribute
    {
        public OclgrindTheoryAttribute() => Skip = OclgrindLibrary.Problem;
    }
}
