using ModelDsl.Gpu.Proof;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>The float formats of the checks, against their definitions.</summary>
public sealed class ElementsTests
{
    [Theory]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    [InlineData(TensorType.F8E4M3)]
    [InlineData(TensorType.F8E5M2)]
    public void EveryFiniteCodeReadsBackAsItself(TensorType type)
    {
        int size = type.Bits() / 8;
        for (int code = 0; code < 1 << type.Bits(); code++)
        {
            byte[] bytes = BitConverter.GetBytes((ushort)code)[..size];
            double[] value = Elements.Decode(bytes, type);
            if (double.IsFinite(value[0]))
                Assert.Equal(bytes, Elements.Encode(value, type));
        }
    }

    [Theory]
    [InlineData(TensorType.BF16, 1 + 1 / 256.0, 1)] // a tie goes to the even neighbour
    [InlineData(TensorType.BF16, 1 + 3 / 256.0, 1 + 2 / 128.0)]
    [InlineData(TensorType.BF16, 1 + 1 / 256.0 + 1e-12, 1 + 1 / 128.0)] // just above it; through float32 it would be the tie
    [InlineData(TensorType.F8E4M3, 1.0625, 1)]
    [InlineData(TensorType.F8E4M3, 1.1875, 1.25)]
    [InlineData(TensorType.F8E4M3, -1000, -448)] // saturates
    [InlineData(TensorType.F8E4M3, 0.0009765625, 0)] // half of the smallest
    [InlineData(TensorType.F8E5M2, 1e9, 57344)]
    [InlineData(TensorType.F8E5M2, -1.125, -1)]
    [InlineData(TensorType.BF16, double.PositiveInfinity, double.PositiveInfinity)]
    public void RoundsToNearestEven(TensorType type, double value, double expected) =>
        Assert.Equal(expected, Elements.Round(value, type));

    [Theory]
    [InlineData(TensorType.F32)]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    [InlineData(TensorType.F8E4M3)]
    [InlineData(TensorType.F8E5M2)]
    public void PoisonIsNaN(TensorType type) => Assert.Equal(double.NaN, Elements.Decode([255, 255, 255, 255], type)[0]);

    [Theory]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    [InlineData(TensorType.F8E4M3)]
    [InlineData(TensorType.F8E5M2)]
    public void TheStoreBoundHoldsAndIsReached(TensorType type)
    {
        var random = new Random(1);
        double worst = 0;
        for (int i = 0; i < 20_000; i++)
        {
            double value = Math.ScaleB(random.NextDouble() * 2 - 1, random.Next(-30, 8));
            worst = Math.Max(worst, Math.Abs(Elements.Round(value, type) - value) / Bounds.Store(value, type));
        }
        Assert.InRange(worst, 0.5, 1);
    }
}
