using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>
/// The effects of rounding, from which the bounds of checks are derived (Higham, Accuracy and Stability of Numerical
/// Algorithms, 2nd ed., chapters 2 to 4).
/// </summary>
public static class Bounds
{
    /// <summary>The unit roundoff: half the distance from 1 to the next number.</summary>
    public static double Unit(TensorType type) => type switch
    {
        TensorType.F32 => Math.ScaleB(1, -24),
        TensorType.F16 => Math.ScaleB(1, -11),
        TensorType.BF16 => Math.ScaleB(1, -8),
        TensorType.F8E4M3 => Math.ScaleB(1, -4),
        TensorType.F8E5M2 => Math.ScaleB(1, -3),
        _ => throw new NotSupportedException($"{type} has no unit roundoff."),
    };

    /// <summary>Unit roundoff of an F32 operand that the tensor cores round to 10 mantissa bits; they may truncate.</summary>
    public static double UnitTf32 => Math.ScaleB(1, -10);

    /// <summary>n u / (1 - n u): n consecutive roundings in fp32, for any order of a sum of n terms.</summary>
    public static double Gamma(long n) => n * Unit(TensorType.F32) / (1 - n * Unit(TensorType.F32));

    /// <summary>Storing a value as <paramref name="type"/>: its unit roundoff, or half the smallest step near 0.</summary>
    public static double Store(double value, TensorType type) => Math.Abs(value) * Unit(type) + type switch
    {
        TensorType.F32 or TensorType.BF16 => Math.ScaleB(1, -126), // devices may flush smaller values to 0
        TensorType.F16 => Math.ScaleB(1, -25),
        TensorType.F8E4M3 => Math.ScaleB(1, -10),
        _ => Math.ScaleB(1, -17),
    };

    /// <summary>The relative error of exp, log, tanh, pow and the like in fp32, in unit roundoffs: OpenCL 3.0, table of ULP values, is the looser of the standards (16 for pow, 5 for tanh, 3 for exp and log, each an ULP of two roundoffs).</summary>
    public static double Function(int ulps) => 2 * ulps * Unit(TensorType.F32);
}
