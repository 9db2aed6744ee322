namespace ModelDsl.Runtime.Tests;

/// <summary>The functions of <see cref="Simd"/> in double precision, where the framework has none.</summary>
internal static class DoubleReference
{
    public static double Erf(double x) => Math.Abs(x) < 2 ? ErfSeries(x) : Math.Sign(x) * (1 - ErfcFraction(Math.Abs(x)));

    /// <summary>Without loss of digits for large x.</summary>
    public static double Erfc(double x) => x < 2 ? 1 - Erf(x) : ErfcFraction(x);

    public static double Gelu(double x) => x < -60 ? 0 : x * NormalCdf(x);

    public static double GeluSlope(double x) => NormalCdf(x) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    public static double GeluTanh(double x) =>
        x / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    private static double NormalCdf(double x) => Erfc(-x / Math.Sqrt(2)) / 2;

    /// <summary>2/sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms of one sign.</summary>
    private static double ErfSeries(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < 200 && Math.Abs(term) > Math.Abs(sum) * 1e-18; n++) sum += term *= 2 * x * x / (2 * n + 1);
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>e^(-x^2)/sqrt(pi) 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))), from the far end.</summary>
    private static double ErfcFraction(double x)
    {
        double tail = x;
        for (int n = 120; n > 0; n--) tail = x + n / 2.0 / tail;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / tail;
    }
}
