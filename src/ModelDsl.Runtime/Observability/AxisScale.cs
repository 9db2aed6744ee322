using System.Globalization;

namespace ModelDsl.Runtime;

/// <summary>An axis from data to pixels, with ticks at 1, 2 or 5 times a power of ten (Heckbert, 1990, "Nice numbers for graph labels").</summary>
internal sealed class AxisScale
{
    private readonly double _low, _high, _from, _to;

    /// <param name="extend">Whether the axis goes on to whole ticks at both ends.</param>
    public AxisScale(double low, double high, double from, double to, int ticks, bool extend, double leastStep = 0)
    {
        if (high - low <= 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high)))
            (low, high) = (low - Math.Max(0.5, 0.1 * Math.Abs(low)), high + Math.Max(0.5, 0.1 * Math.Abs(high)));
        Step = NiceStep(Math.Max((high - low) / ticks, leastStep));
        if (extend)
            (low, high) = (Math.Floor(low / Step) * Step, Math.Ceiling(high / Step) * Step);
        (_low, _high, _from, _to) = (low, high, from, to);
    }

    /// <summary>Between two ticks.</summary>
    public double Step { get; }

    public IEnumerable<double> Ticks
    {
        get
        {
            for (double i = Math.Ceiling(_low / Step - 1e-9); i * Step <= _high + 1e-9 * Step; i++)
                yield return i * Step + 0.0; // -0 becomes 0
        }
    }

    /// <summary>The pixel of a value.</summary>
    public double At(double value) => _from + (Math.Clamp(value, _low, _high) - _low) / (_high - _low) * (_to - _from);

    /// <summary>A tick with as many decimals as the step needs, or in powers of ten where it is very large or small.</summary>
    public string Label(double tick)
    {
        double exponent = Math.Floor(Math.Log10(Step) + 1e-9);
        return exponent is < -4 or > 7
            ? tick.ToString("0.##e0", CultureInfo.InvariantCulture)
            : tick.ToString("N" + Math.Max(0, (int)-exponent), CultureInfo.InvariantCulture);
    }

    private static double NiceStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1.0001 => 1, <= 2.0001 => 2, <= 5.0001 => 5, _ => 10 } * power;
    }
}
