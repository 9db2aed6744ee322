using ModelDsl.Runtime;
using ModelDsl.Runtime.Native;

namespace ModelDsl.Gpu.Proof;

/// <summary>A matrix product against float64, with everything that the epilogue reads and writes.</summary>
public abstract class MatMulCheck : Check<MatMulSize>
{
    protected override void Run(CheckRun run, MatMulSize size)
    {
        var (m, n, k) = (size.M, size.N, size.K);
        var a = Operand(run, "A", size.Type, m, k, size.TransposedA, size.Padding);
        var b = Operand(run, "B", size.TypeOfB ?? size.Type, k, n, size.TransposedB, size.Padding);
        int stride = n + size.Padding, auxiliaryStride = (stride + 7) / 8 * 8;
        var d = size.Beta == 0
            ? run.Output("D", m * stride, size.Result)
            : run.InPlace("D", [.. Enumerable.Range(0, m * stride).Select(_ => run.Random.NextDouble() * 2 - 1)], size.Result);
        var bias = size.Epilogue switch
        {
            MatMulEpilogue.Bias or MatMulEpilogue.GeluBias or MatMulEpilogue.GeluAuxiliaryBias => run.Normal("bias", n, size.Result),
            MatMulEpilogue.GeluGradientBiasGradient => run.Output("bias gradient", n, size.Result),
            MatMulEpilogue.BiasGradientOfA => run.Output("bias gradient", m, size.Result),
            _ => null,
        };
        var auxiliary = size.Epilogue switch
        {
            MatMulEpilogue.GeluAuxiliaryBias => run.Output("auxiliary", m * auxiliaryStride, size.Result),
            MatMulEpilogue.GeluGradient or MatMulEpilogue.GeluGradientBiasGradient => run.Normal("auxiliary", m * auxiliaryStride, size.Result, 2),
            _ => null,
        };
        bool isFp8 = size.Type.Bits() == 8;
        var scaleA = isFp8 ? run.Input("scale of A", [0.75]) : null;
        var scaleB = isFp8 ? run.Input("scale of B", [1.5]) : null;
        var arguments = new MatMulArguments
        {
            M = m, N = n, K = k, A = a.Matrix, B = b.Matrix, D = new(d, size.Result, stride), Alpha = size.Alpha, Beta = size.Beta,
            Epilogue = size.Epilogue, AllowTf32 = size.Tf32, AuxiliaryStride = auxiliary is null ? 0 : auxiliaryStride,
            Bias = bias?.Pointer ?? default, Auxiliary = auxiliary?.Pointer ?? default,
            ScaleA = scaleA?.Pointer ?? default, ScaleB = scaleB?.Pointer ?? default,
        };
        try
        {
            Multiply(run, arguments, size);
        }
        catch (NativeLibraryException missing)
        {
            CheckRun.Skip(missing.Message);
        }
        new MatMulReference(run, size, a, b, d, bias, auxiliary, isFp8 ? 0.75 * 1.5 : 1).Expect();
    }

    /// <summary>The product under check: the device's own, or another.</summary>
    private protected virtual void Multiply(CheckRun run, in MatMulArguments arguments, MatMulSize size) => run.Device.MatMul(run.Stream, arguments);

    // Magnitudes such that a sum of K products is about 1, in the nonlinear range of GELU.
    private static MatMulOperand Operand(CheckRun run, string name, TensorType type, int rows, int columns, bool transposed, int padding)
    {
        int width = transposed ? rows : columns, height = transposed ? columns : rows;
        int step = type.Bits() == 8 ? 16 : 1; // fp8 strides
        int stride = width + (padding + step - 1) / step * step;
        double deviation = name == "A" ? 1 : 1 / Math.Sqrt(rows);
        return new(run.Normal(name, height * stride, type, deviation), rows, columns, stride, transposed);
    }
}

/// <summary>A matrix as it is stored.</summary>
internal sealed record MatMulOperand(CheckBuffer Buffer, int Rows, int Columns, int Stride, bool Transposed)
{
    public GpuMatrix Matrix => new(Buffer, Buffer.Type, Stride, Transposed);

    public double this[int row, int column] => Buffer.Values[Transposed ? (long)column * Stride + row : (long)row * Stride + column];
}
