using System.Numerics;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>The product and its epilogue in float64, with bounds for fp32 sums and the stored types.</summary>
internal sealed class MatMulReference(
    CheckRun run, MatMulSize size, MatMulOperand a, MatMulOperand b, CheckBuffer d, CheckBuffer? bias, CheckBuffer? auxiliary, double scale)
{
    private readonly double[] _product = new double[size.M * size.N], _error = new double[size.M * size.N];

    // tanh.approx.f32 is within 2^-11 (PTX ISA); OpenCL's tanh within 5 ULP.
    private double TanhError => run.Device.ComputeCapability > 0 ? Math.ScaleB(1, -11) : Bounds.Function(5);

    public void Expect()
    {
        Multiply();
        switch (size.Epilogue)
        {
            case MatMulEpilogue.GeluGradient or MatMulEpilogue.GeluGradientBiasGradient:
                Map((row, column, product, error) => GeluGradient(product, error, auxiliary!.Values[row * AuxiliaryStride + column]));
                break;
            case MatMulEpilogue.Bias or MatMulEpilogue.GeluBias or MatMulEpilogue.GeluAuxiliaryBias:
                Map((_, column, product, error) => Rounded(product + bias!.Values[column], error));
                break;
        }
        if (size.Epilogue == MatMulEpilogue.GeluAuxiliaryBias)
            ExpectMatrix(auxiliary!, AuxiliaryStride);
        if (size.Epilogue is MatMulEpilogue.Gelu or MatMulEpilogue.GeluBias or MatMulEpilogue.GeluAuxiliaryBias)
            Map((_, _, product, error) => Gelu(product, error));
        ExpectMatrix(d, size.N + size.Padding);
        if (size.Epilogue == MatMulEpilogue.GeluGradientBiasGradient)
            ExpectColumnSums();
        if (size.Epilogue == MatMulEpilogue.BiasGradientOfA)
            ExpectRowSumsOfA();
    }

    private int AuxiliaryStride => auxiliary!.Count / size.M;

    // The relative error of one sum of K products. Products of 16-bit floats are exact in fp32; tensor cores add with
    // truncation, which is twice a rounding; operands of TF32 are cut to 10 bits before; fp8 is summed with 13 bits
    // after the point in blocks of 32 (DeepSeek-AI, 2024, section 3.3.2).
    private double SumError => size switch
    {
        { Tf32: true } => Bounds.Gamma(2 * size.K) + 2 * Bounds.UnitTf32,
        { Type: TensorType.F8E4M3 or TensorType.F8E5M2 } => Bounds.Gamma(2 * size.K) + (size.K / 32 + 1) * Math.ScaleB(1, -13),
        _ => Bounds.Gamma(2 * size.K),
    };

    private void Multiply()
    {
        double[] columns = new double[size.N * size.K]; // B by columns, to read both operands in order
        for (int j = 0; j < size.N; j++)
            for (int k = 0; k < size.K; k++)
                columns[j * size.K + k] = b[k, j];
        Parallel.For(0, size.M, i =>
        {
            double[] row = new double[size.K];
            for (int k = 0; k < size.K; k++)
                row[k] = a[i, k];
            for (int j = 0; j < size.N; j++)
            {
                var (sum, magnitude) = Dot(row, columns.AsSpan(j * size.K, size.K));
                double alpha = size.Alpha * scale, before = size.Beta == 0 ? 0 : size.Beta * d.Values[i * (size.N + size.Padding) + j];
                double value = alpha * sum + before;
                // Two scales, alpha, beta, and their sum are five more roundings.
                double error = Math.Abs(alpha) * magnitude * SumError + 5 * Bounds.Unit(TensorType.F32) * (Math.Abs(alpha * sum) + Math.Abs(before));
                (_product[i * size.N + j], _error[i * size.N + j]) = (value, error);
            }
        });
    }

    // The sum of products, and of their magnitudes.
    private static (double Sum, double Magnitude) Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Vector<double> sums = default, magnitudes = default;
        int k = 0;
        for (; k <= x.Length - Vector<double>.Count; k += Vector<double>.Count)
        {
            Vector<double> terms = new Vector<double>(x[k..]) * new Vector<double>(y[k..]);
            sums += terms;
            magnitudes += Vector.Abs(terms);
        }
        double sum = Vector.Sum(sums), magnitude = Vector.Sum(magnitudes);
        for (; k < x.Length; k++)
        {
            sum += x[k] * y[k];
            magnitude += Math.Abs(x[k] * y[k]);
        }
        return (sum, magnitude);
    }

    private void Map(Func<int, int, double, double, (double, double)> map)
    {
        for (int i = 0; i < size.M; i++)
        {
            for (int j = 0; j < size.N; j++)
            {
                int at = i * size.N + j;
                (_product[at], _error[at]) = map(i, j, _product[at], _error[at]);
            }
        }
    }

    private static (double Value, double Error) Rounded(double value, double error) => (value, error + Math.Abs(value) * Bounds.Unit(TensorType.F32));

    // |gelu'| < 1.13. GELU's argument may have been rounded to the auxiliary's type first.
    private (double, double) Gelu(double z, double error)
    {
        double value = 0.5 * z * (1 + Math.Tanh(Inner(z)));
        double before = size.Epilogue == MatMulEpilogue.GeluAuxiliaryBias ? Bounds.Store(z, size.Result) : 0;
        return (value, 1.13 * (error + before) + 0.5 * Math.Abs(z) * TanhError + 8 * Bounds.Unit(TensorType.F32) * Math.Abs(z));
    }

    private (double, double) GeluGradient(double product, double error, double z)
    {
        double tanh = Math.Tanh(Inner(z)), slope = Math.Sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z);
        double gradient = 0.5 * (1 + tanh) + 0.5 * z * (1 - tanh * tanh) * slope;
        double gradientError = (0.5 + Math.Abs(z) * slope) * (TanhError + 8 * Bounds.Unit(TensorType.F32));
        return (product * gradient, (error + Math.Abs(product) * Bounds.Unit(TensorType.F32)) * 1.13 + Math.Abs(product) * gradientError);
    }

    private static double Inner(double z) => Math.Sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z);

    private void ExpectMatrix(CheckBuffer buffer, int stride)
    {
        double[] reference = new double[buffer.Count], bounds = new double[buffer.Count];
        for (int i = 0; i < buffer.Count; i++)
        {
            var (row, column) = Math.DivRem(i, stride);
            if (column < size.N)
            {
                int at = row * size.N + column;
                (reference[i], bounds[i]) = (_product[at], _error[at] + Bounds.Store(Math.Abs(_product[at]) + _error[at], size.Result));
            }
            else
            {
                reference[i] = buffer.Access == CheckAccess.InPlace ? buffer.Values[i] : double.NaN; // padding does not change
            }
        }
        run.Expect(buffer, reference, bounds);
    }

    private void ExpectColumnSums()
    {
        double[] sums = new double[size.N], bounds = new double[size.N];
        for (int j = 0; j < size.N; j++)
        {
            double magnitude = 0;
            for (int i = 0; i < size.M; i++)
            {
                double value = _product[i * size.N + j];
                sums[j] += value;
                magnitude += Math.Abs(value);
                bounds[j] += _error[i * size.N + j] + Bounds.Store(value, size.Result); // of the stored elements or of the sums in fp32
            }
            bounds[j] += Bounds.Gamma(2 * size.M) * magnitude + Bounds.Store(Math.Abs(sums[j]) + bounds[j], size.Result);
        }
        run.Expect(bias!, sums, bounds);
    }

    private void ExpectRowSumsOfA()
    {
        double[] sums = new double[size.M], bounds = new double[size.M];
        for (int i = 0; i < size.M; i++)
        {
            double magnitude = 0;
            for (int k = 0; k < size.K; k++)
            {
                sums[i] += a[i, k];
                magnitude += Math.Abs(a[i, k]);
            }
            bounds[i] = Bounds.Gamma(2 * size.K) * magnitude + Bounds.Store(sums[i], size.Result);
        }
        run.Expect(bias!, sums, bounds);
    }
}
