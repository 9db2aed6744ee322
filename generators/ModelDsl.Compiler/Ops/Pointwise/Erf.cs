using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary><c>erf (x)</c>: the error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.</summary>
public sealed class Erf : UnaryPointwise
{
    private static readonly double TwoOverRootPi = 2 / Math.Sqrt(Math.PI);

    public override string Name => "erf";
    protected override Value Derivative(Value x, Value y) => TwoOverRootPi * (-(x * x)).Exp();
    public override IReadOnlyList<SurfaceMethod> Surface => [Face("Erf", "The error function, elementwise.")];

    /// <summary>
    /// Within 1e-15: the series of Abramowitz and Stegun 7.1.6 (all terms positive) below 3, the continued fraction
    /// 7.1.14 of the complement, evaluated backwards, above.
    /// </summary>
    protected override double Evaluate(double x)
    {
        double z = Math.Abs(x);
        if (double.IsNaN(x)) return x;
        if (z > 6) return Math.Sign(x);
        double scale = Math.Exp(-z * z);
        if (z < 3)
        {
            double term = z, sum = z;
            for (int n = 1; term > sum * 1e-17; n++) sum += term *= 2 * z * z / (2 * n + 1);
            return Math.Sign(x) * TwoOverRootPi * scale * sum;
        }
        double fraction = z;
        for (int n = 60; n >= 1; n--) fraction = z + n / 2.0 / fraction;
        return Math.Sign(x) * (1 - scale / Math.Sqrt(Math.PI) / fraction);
    }
}
