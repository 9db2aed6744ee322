using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>Inconsistent arguments give a clear error before anything is launched.</summary>
public sealed class AttentionArgumentsTests
{
    private static readonly GpuPointer Place = new(4096);

    public static TheoryData<string, string> Forward => new()
    {
        { nameof(GpuAttentionArguments.Type), "elements are F32 or BF16, not F16" },
        { nameof(GpuAttentionArguments.Batch), "a size is negative" },
        { nameof(GpuAttentionArguments.KeyHeads), "4 query heads cannot share 3 key heads evenly" },
        { nameof(GpuAttentionArguments.HeadSize), "a head has 1 to 256 elements, not 257" },
        { nameof(GpuAttentionArguments.Scale), "the scale of the scores is NaN" },
        { nameof(GpuAttentionArguments.SoftCap), "the soft cap is -1" },
        { nameof(GpuAttentionArguments.Window), "the window is -2" },
        { nameof(GpuAttentionArguments.Causal), "a window needs Causal" },
        { nameof(GpuAttentionArguments.QueryStart), "positions reach beyond 1073741824" },
        { nameof(GpuAttentionArguments.Query), "Query is null" },
        { nameof(GpuAttentionArguments.Key), "Key at 0x1001 is not aligned to elements of 2 bytes" },
        { nameof(GpuAttentionArguments.ValueStride), "Value has a stride of 127 elements, less than its 2 heads of 64" },
        { nameof(GpuAttentionArguments.LogSumExp), "LogSumExp at 0x1002 is not aligned to floats" },
    };

    [Theory]
    [MemberData(nameof(Forward))]
    public void WrongArgumentIsNamed(string field, string problem)
    {
        GpuAttentionArguments a = Arguments();
        switch (field)
        {
            case nameof(a.Type): a.Type = TensorType.F16; break;
            case nameof(a.Batch): a.Batch = -1; break;
            case nameof(a.KeyHeads): a.KeyHeads = 3; break;
            case nameof(a.HeadSize): a.HeadSize = 257; break;
            case nameof(a.Scale): a.Scale = float.NaN; break;
            case nameof(a.SoftCap): a.SoftCap = -1; break;
            case nameof(a.Window): a.Window = -2; break;
            case nameof(a.Causal): a.Window = 5; break;
            case nameof(a.QueryStart): a.QueryStart = int.MinValue; break;
            case nameof(a.Query): a.Query = default; break;
            case nameof(a.Key): a.Key += 1; break;
            case nameof(a.ValueStride): a.ValueStride = 127; break;
            case nameof(a.LogSumExp): a.LogSumExp += 2; break;
        }
        using var device = new HostDevice();
        var error = Assert.Throws<ArgumentException>(() => new GpuAttention(device).Forward(device.DefaultStream, a));
        Assert.StartsWith($"{a.Shape}: ", error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Theory]
    [InlineData(nameof(GpuAttentionArguments.LogSumExp), "the backward pass needs the LogSumExp that the forward pass has written")]
    [InlineData(nameof(GpuAttentionGradients.Scratch), "the backward pass needs Scratch, [B, H, Tq] floats")]
    [InlineData(nameof(GpuAttentionGradients.KeyStride), "the gradient of Key has a stride of 1 elements")]
    public void WrongGradientIsNamed(string field, string problem)
    {
        GpuAttentionArguments a = Arguments();
        GpuAttentionGradients g = Gradients();
        switch (field)
        {
            case nameof(a.LogSumExp): a.LogSumExp = default; break;
            case nameof(g.Scratch): g.Scratch = default; break;
            case nameof(g.KeyStride): g.KeyStride = 1; break;
        }
        using var device = new HostDevice();
        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => new GpuAttention(device).Backward(device.DefaultStream, a, g)).Message);
    }

    [Fact]
    public void NothingToDoLaunchesNothing()
    {
        using var device = new HostDevice(); // it has no kernels
        var attention = new GpuAttention(device);
        attention.Forward(device.DefaultStream, Arguments() with { Batch = 0 });
        attention.Forward(device.DefaultStream, Arguments() with { QueryLength = 0 });
        attention.Backward(device.DefaultStream, Arguments() with { QueryLength = 0, KeyLength = 0 }, Gradients());
    }

    [Fact]
    public void EveryDeviceHasTheLastForm()
    {
        using var device = new HostDevice();
        Assert.Equal("portable", new GpuAttention(device).ForwardFormName(Arguments()));
        Assert.Equal("portable", new GpuAttention(device).BackwardFormName(Arguments(), Gradients()));
    }

    private static GpuAttentionArguments Arguments() => new()
    {
        Query = Place, Key = Place, Value = Place, Output = Place, LogSumExp = Place, Type = TensorType.BF16, Batch = 2, QueryLength = 10,
        KeyLength = 20, Heads = 4, KeyHeads = 2, HeadSize = 64, QueryStride = 256, KeyStride = 128, ValueStride = 128, OutputStride = 256,
        Scale = 0.125f,
    };

    private static GpuAttentionGradients Gradients() => new()
    {
        Output = Place, Query = Place, Key = Place, Value = Place, OutputStride = 256, QueryStride = 256, KeyStride = 128, ValueStride = 128,
        Scratch = Place,
    };
}
