namespace ModelDsl.Gpu.Proof;

/// <summary>Several rounds of one figure.</summary>
public sealed record Sample(double Median, double Minimum, double Maximum, int Rounds)
{
    public static Sample Of(params IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(median, sorted[0], sorted[^1], sorted.Length);
    }

    /// <summary>Converts to another unit; a decreasing function swaps minimum and maximum.</summary>
    public Sample Map(Func<double, double> convert)
    {
        double[] ends = [convert(Minimum), convert(Maximum)];
        return new(convert(Median), ends.Min(), ends.Max(), Rounds);
    }
}
