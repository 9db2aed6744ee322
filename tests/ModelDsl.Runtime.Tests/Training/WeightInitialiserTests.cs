using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Training;

public class WeightInitialiserTests
{
    private const int Rows = 300, Columns = 1001;

    [Theory]
    [InlineData(Init.Normal, 0.02)]
    [InlineData(Init.Residual, 0.005)] // 0.02 / sqrt(2 * 8)
    [InlineData(Init.XavierUniform, 0.03920913)] // sqrt(6 / 1301) / sqrt(3)
    [InlineData(Init.KaimingUniform, 0.01824830)] // sqrt(1 / 1001) / sqrt(3)
    public void HasItsStandardDeviation(Init init, double expected)
    {
        float[] values = Fill(init);
        double mean = values.Average(value => (double)value), std = Math.Sqrt(values.Average(value => (double)value * value));
        // Of n = 300,300 draws the mean has a standard error of std / sqrt(n), the deviation of less than std / sqrt(2 n): six of each.
        Assert.Equal(0, mean, 6 * expected / Math.Sqrt(values.Length));
        Assert.Equal(expected, std, 6 * expected / Math.Sqrt(2.0 * values.Length));
        Assert.Equal(values.Length, values.Distinct().Count(), values.Length / 10.0);
    }

    [Fact]
    public void ConstantsAreConstant()
    {
        Assert.All(Fill(Init.Zeros), value => Assert.Equal(0, value));
        Assert.All(Fill(Init.Ones), value => Assert.Equal(1, value));
    }

    [Fact]
    public void AnElementDependsOnSeedNameAndPlaceAlone()
    {
        var info = Info("w", Init.Normal, 0);
        float[] whole = new float[1000], part = new float[101];
        WeightInitialiser.Fill(info, 0, whole, seed: 3);
        WeightInitialiser.Fill(info with { Offset = 77 }, 500, part, seed: 3);
        Assert.Equal(whole[500..601], part);
        WeightInitialiser.Fill(info, 500, part, seed: 4);
        Assert.NotEqual(whole[500..601], part);
        WeightInitialiser.Fill(Info("v", Init.Normal, 0), 500, part, seed: 3);
        Assert.NotEqual(whole[500..601], part);
    }

    [Fact]
    public void AStoreIsFilledAsItsWeightsAre()
    {
        using var device = new CpuDevice(1);
        var infos = new[] { Info("a", Init.Normal, 0), Info("b", Init.KaimingUniform, Rows * Columns) };
        using var store = new WeightStore(infos, device);
        WeightInitialiser.Fill(store, seed: 9);
        foreach (var info in infos)
        {
            float[] expected = new float[info.Count];
            WeightInitialiser.Fill(info, 0, expected, seed: 9);
            Assert.Equal(expected, store[info.Name].ToArray());
        }
    }

    private static WeightInfo Info(string name, Init init, long offset) =>
        new(name, [Rows, Columns], offset, init, 0.02f, Depth: 8, Decay: true);

    private static float[] Fill(Init init)
    {
        float[] values = new float[Rows * Columns];
        WeightInitialiser.Fill(Info("w", init, 0), 0, values, seed: 1);
        return values;
    }
}
