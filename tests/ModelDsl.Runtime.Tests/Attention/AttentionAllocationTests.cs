using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests;

[Collection(Allocation.Alone)]
public class AttentionAllocationTests
{
    public static TheoryData<AttentionCase> Cases() =>
        [new(2, 200, 200, 4, 2, 64), new(1, 10, 300, 6, 6, 32) { Room = 3 }, new(1, 1, 1000, 4, 1, 64), new(1, 50, 50, 2, 1, 20) { SoftCap = 3 }];

    [Theory, MemberData(nameof(Cases))]
    public void NothingIsAllocated(AttentionCase c)
    {
        using var device = new CpuDevice(2);
        using var x = new AttentionTensors(c, 4);
        Assert.Equal(0, Allocation.LeastOf(() =>
        {
            device.Attention(x.Arguments);
            device.AttentionBackward(x.Arguments, x.Gradients);
        }));
    }
}
