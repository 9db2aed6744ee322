namespace ModelDsl.Compiler.Tests.Support;

/// <summary>
/// Equality of results that are the same sums and products in another order: so many roundings of 2^-53, relative to the
/// largest element or to one where all are smaller.
/// </summary>
public static class Near
{
    public static void Check(string name, double[] expected, double[] actual, double roundings)
    {
        Assert.Equal(expected.Length, actual.Length);
        double tolerance = roundings * Math.Pow(2, -53) * Math.Max(1, expected.Select(Math.Abs).DefaultIfEmpty(0).Max());
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{name}[{i}]: {actual[i]:G17}, expected {expected[i]:G17}");
    }

    /// <summary>Results by name; there are the same on both sides.</summary>
    public static void Check(string what, IReadOnlyDictionary<string, double[]> expected, IReadOnlyDictionary<string, double[]> actual, double roundings)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, values) in expected) Check($"{what}: {name}", values, actual[name], roundings);
    }
}
