using ModelDsl.Gpu.Cuda;
using ModelDsl.Gpu.Proof;
using Xunit.Abstractions;

namespace ModelDsl.Gpu.Tests.Emulator;

/// <summary>The proof program's checks with threads in other orders and warps that fall behind: a missing barrier shows.</summary>
[Collection(CudaEmulatorCollection.Name)]
public sealed class ThreadOrderChecks(ITestOutputHelper output) : KernelChecks(output)
{
    private const uint Down = 1, Shuffled = 2;

    public static TheoryData<string, uint> Checks
    {
        get
        {
            var data = new TheoryData<string, uint>();
            foreach (Check check in CheckCatalogue.All.Where(check => !check.Name.StartsWith("matmul", StringComparison.Ordinal))) // the library's, not kernels
                foreach (uint order in Sweep.IsFull ? (uint[])[Down, Shuffled] : [Shuffled])
                    data.Add(check.Name, order);
            return data;
        }
    }

    [EmulatorTheory]
    [MemberData(nameof(Checks))]
    public void PassInOtherOrders(string check, uint order)
    {
        CudaEmulator.Reset();
        CudaEmulator.SetSchedule(order);
        using var session = new CheckSession(() => CudaDevice.Open(0, CudaLibraries.In(CudaEmulator.Folder)));
        Run(session, check);
    }
}
