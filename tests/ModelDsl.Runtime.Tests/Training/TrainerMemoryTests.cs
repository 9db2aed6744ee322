using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Training;

public class TrainerMemoryTests
{
    private const int Vocabulary = 200, Parameters = Vocabulary * (Vocabulary + 1);

    private static readonly TrainerOptions options = new() { Batch = 2, Length = 8 };

    [Theory]
    [InlineData(int.MaxValue, 8)]
    [InlineData(8, int.MaxValue)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(1 << 28, 2)] // 2^31 bytes
    public void ABatchBeyondAnArrayIsRefused(int batch, int length)
    {
        using var device = new CpuDevice(1);
        string message = Assert.Throws<ArgumentException>(() => new Trainer(new BigramProgram(11), device, new() { Batch = batch, Length = length })).Message;
        Assert.Contains($"A batch of {batch} sequences of length {length} takes {4.0 * batch * length:N0} bytes for input 'tokens'", message);
    }

    [Fact]
    public void AParameterTakesSixteenBytes()
    {
        using var device = new MeteredDevice();
        using (new Trainer(new BigramProgram(Vocabulary), device, options))
        {
            Assert.Equal(4, device.Lent.Count(bytes => bytes == 4 * Parameters));
            // Besides: scratch of one row of logits, tokens and targets, and 8 bytes for every 16,384 gradients.
            Assert.Equal(16 * Parameters + 4 * Vocabulary + 2 * 4 * 16 + 8 * 3, device.InUse);
        }
        Assert.Equal(0, device.InUse);
    }

    [Theory]
    [InlineData(3 * Parameters)]
    [InlineData(11 * Parameters)]
    [InlineData(16 * Parameters)]
    [InlineData(16 * Parameters + 100)]
    public void WhatDoesNotFitIsGivenBack(long capacity)
    {
        using var device = new MeteredDevice(capacity);
        Assert.Throws<InsufficientDeviceMemoryException>(() => new Trainer(new BigramProgram(Vocabulary), device, options));
        Assert.Equal(0, device.InUse);
    }
}
