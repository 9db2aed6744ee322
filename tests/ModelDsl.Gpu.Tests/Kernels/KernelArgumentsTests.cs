using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>Row kernels refuse wrong arguments with a clear error before anything is launched.</summary>
public sealed class KernelArgumentsTests : IDisposable
{
    private static readonly GpuPointer Place = new(4096);

    private readonly HostDevice _device = new(); // it has no kernels

    private GpuStream Stream => _device.DefaultStream;

    [Fact]
    public void AdamWRefusesWhatIsNotAligned()
    {
        var arguments = new GpuAdamWArguments { Weights = Place, Gradients = Place + 4, FirstMoment = Place, SecondMoment = Place, Count = 8 };
        Assert.Equal(
            "AdamW's gradients at 0x1004 must be at a multiple of 16 bytes, and not null.",
            Assert.Throws<ArgumentException>(() => new GpuAdamW(_device).Update(Stream, arguments)).Message);
    }

    [Fact]
    public void AdamWRefusesOtherGradients() => Assert.Equal(
        "AdamW takes gradients in F32 or BF16, not F16.",
        Assert.Throws<ArgumentException>(() => new GpuAdamW(_device).Update(Stream, new() { GradientType = TensorType.F16 })).Message);

    [Fact]
    public void NormRefusesOtherTypes() => Assert.Equal(
        "The norm is taken of F32 or BF16, not of F64.",
        Assert.Throws<ArgumentException>(() => new GpuNorm(_device).AddSquares(Stream, Place, TensorType.F64, 5, Place)).Message);

    [Fact]
    public void GatherRefusesBytes() => Assert.Equal(
        "Rows of a table have elements of 2 or 4 bytes, not F8E4M3.",
        Assert.Throws<ArgumentException>(
            () => new GpuEmbedding(_device).Gather(Stream, new(Place, 1, 1, Place), Place, Place, TensorType.F8E4M3, 4)).Message);

    [Fact]
    public void CrossEntropyRefusesRowsThatOverlap() => Assert.StartsWith(
        "Rows of 10 logits, 9 elements from one to the next",
        Assert.Throws<ArgumentException>(() => new GpuCrossEntropy(_device).Losses(
            Stream, new() { Logits = Place, Type = TensorType.F32, Stride = 9, Targets = new(Place, 3, 10, Place), Losses = Place })).Message);

    [Fact]
    public void CrossEntropyRefusesAGradientWithoutScale() => Assert.StartsWith(
        "The gradient of cross-entropy needs the gradient of the losses, scale.",
        Assert.Throws<ArgumentException>(() => new GpuCrossEntropy(_device).LossesAndGradient(Stream, new(), GpuPointer.Null)).Message);

    [Fact]
    public void TransposeRefusesOtherSizesAndRowsThatOverlap()
    {
        var transpose = new GpuTranspose(_device);
        Assert.Equal(
            "A transpose has elements of 1, 2 or 4 bytes, not 8.",
            Assert.Throws<ArgumentException>(() => transpose.Run(Stream, new() { ElementSize = 8 })).Message);
        Assert.Equal(
            "A transpose of [3, 5] has strides of 4 and 3; they must hold a row.",
            Assert.Throws<ArgumentException>(() => transpose.Run(Stream, new() { ElementSize = 4, Rows = 3, Columns = 5, SourceStride = 4 })).Message);
    }

    [Fact]
    public void CastRefusesOtherTypes() => Assert.Equal(
        "There is no cast of I64; there are F32, BF16, F16, F8E4M3, F8E5M2.",
        Assert.Throws<ArgumentException>(() => new GpuCast(_device).Run(Stream, Place, TensorType.I64, Place, TensorType.F32, 1)).Message);

    [Fact]
    public void EmptyWorkLaunchesNothing()
    {
        new GpuAdamW(_device).Update(Stream, new() { Weights = Place, Gradients = Place, FirstMoment = Place, SecondMoment = Place });
        Assert.Equal(3, new GpuNorm(_device).AddSquares(Stream, Place, TensorType.F32, 0, Place, 3));
        var ids = new GpuIds(Place, 0, 5, Place);
        new GpuEmbedding(_device).Gather(Stream, ids, Place, Place, TensorType.F32, 4);
        new GpuEmbedding(_device).AddGradient(Stream, ids, Place, TensorType.F32, Place, 4, Place);
        new GpuCrossEntropy(_device).Losses(Stream, new() { Logits = Place, Type = TensorType.F32, Stride = 5, Targets = ids, Losses = Place });
        new GpuTranspose(_device).Run(Stream, new() { ElementSize = 2, Rows = 0, Columns = 3 });
        new GpuCast(_device).Run(Stream, Place, TensorType.F32, Place, TensorType.BF16, 0);
    }

    public void Dispose() => _device.Dispose();
}
