namespace ModelDsl.Runtime.Tests.Training;

public class WeightTableTests
{
    [Fact]
    public void AStackIsWithoutGaps()
    {
        var table = new WeightTable();
        table.Add("Enter", [], [3], Init.Zeros, 0, decay: false);
        Assert.Equal(3, table.Add("Blocks.{}.Inner.{}.Scale", [2, 2], [4], Init.Ones, 0, decay: false));
        Assert.Equal(["Enter", "Blocks.0.Inner.0.Scale", "Blocks.0.Inner.1.Scale", "Blocks.1.Inner.0.Scale", "Blocks.1.Inner.1.Scale"], table.Weights.Select(w => w.Name));
    }

    /// <summary>A number of layers that no machine holds is refused at once rather than listed.</summary>
    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(WeightTable.MostLayers / 2, 3)]
    public void TooManyLayersAreRefused(int outer, int inner)
    {
        var error = Assert.Throws<ArgumentException>(() => new WeightTable().Add("Blocks.{}.Inner.{}.Scale", [outer, inner], [4], Init.Ones, 0, decay: false));
        Assert.Contains("Blocks.{}.Inner.{}.Scale", error.Message);
    }
}
