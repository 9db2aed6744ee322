using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>
/// Attention and its gradients in float64, directly from the definition, with bounds on the effect of a form's roundings.
/// Padding between tokens is NaN: it stays poisoned.
/// </summary>
/// <remarks>
/// The bounds follow first-order error analysis. With u the unit roundoff of fp32 and e that of the type to which a form rounds its
/// probabilities and their gradients before it multiplies them (fp32 or bf16), and magnitudes in bars:
/// a score errs by (D + 2) u |q| |k| scale (a, below), a probability relatively by the errors of its score and of its row's
/// sum, p (2 a + (Tk + 16) u + e); its gradient, computed from such a probability, by e again if it is rounded itself;
/// results by these times the values they are multiplied by, plus the roundings of the sum.
/// </remarks>
internal sealed class AttentionReference
{
    public readonly double[] Output, LogSumExp, QueryGradient, KeyGradient, ValueGradient;
    public readonly double[] OutputBound, LogSumExpBound, QueryBound, KeyBound, ValueBound;

    private readonly AttentionSize _size;
    private readonly AttentionTensors _tensors;
    private readonly double _rounding;

    /// <param name="probabilities">The type to which the form rounds probabilities: F32 or BF16.</param>
    public AttentionReference(AttentionSize size, AttentionTensors tensors, TensorType probabilities)
    {
        (_size, _tensors) = (size, tensors);
        _rounding = probabilities == TensorType.F32 ? 0 : Bounds.Unit(probabilities);
        int queries = size.Batch * size.Queries, keys = size.Batch * size.Keys, rows = size.Heads * queries;
        (Output, OutputBound) = Poisoned(queries, tensors.OutputStride, size.Heads);
        (QueryGradient, QueryBound) = Poisoned(queries, tensors.QueryGradientStride, size.Heads);
        (KeyGradient, KeyBound) = Poisoned(keys, tensors.KeyGradientStride, size.KeyHeads);
        (ValueGradient, ValueBound) = Poisoned(keys, tensors.ValueGradientStride, size.KeyHeads);
        (LogSumExp, LogSumExpBound) = (new double[rows], new double[rows]);
        for (int b = 0; b < size.Batch; b++)
            for (int h = 0; h < size.Heads; h++)
                for (int t = 0; t < size.Queries; t++)
                    AddRow(b, h, t);
        Store(Output, OutputBound, 0);
        Store(QueryGradient, QueryBound, size.Keys);
        Store(KeyGradient, KeyBound, size.Queries * (size.Heads / size.KeyHeads));
        Store(ValueGradient, ValueBound, size.Queries * (size.Heads / size.KeyHeads));
    }

    private void AddRow(int b, int h, int t)
    {
        int d = _size.HeadSize, hk = h / (_size.Heads / _size.KeyHeads), at = _tensors.OfQuery(_tensors.OutputStride, b, h, t);
        int place = (b * _size.Heads + h) * _size.Queries + t;
        var q = _tensors.Query.Values.AsSpan(_tensors.OfQuery(_tensors.QueryStride, b, h, t), d);
        var g = _tensors.OutputGradient.Values.AsSpan(_tensors.OfQuery(_tensors.OutputGradientStride, b, h, t), d);
        double u = Bounds.Unit(TensorType.F32), top = double.NegativeInfinity;
        var score = new double[_size.Keys];
        var slope = new double[_size.Keys];
        double scoreError = 0; // the largest of the row, absolute
        for (int s = 0; s < _size.Keys; s++)
        {
            if (!_size.Sees(t, s))
            {
                score[s] = double.NegativeInfinity;
                continue;
            }
            (double dot, double magnitude) = Dot(q, Key(b, hk, s));
            double x = dot * _size.Scale, tanh = _size.SoftCap > 0 ? Math.Tanh(x / _size.SoftCap) : 0;
            score[s] = _size.SoftCap > 0 ? _size.SoftCap * tanh : x;
            slope[s] = 1 - tanh * tanh;
            double error = Bounds.Gamma(d + 4) * magnitude * _size.Scale + (_size.SoftCap > 0 ? Bounds.Function(6) * Math.Abs(score[s]) : 0);
            scoreError = Math.Max(scoreError, error + 2 * u * Math.Abs(score[s]));
            top = Math.Max(top, score[s]);
        }
        if (top == double.NegativeInfinity)
        {
            LogSumExp[place] = top; // no key is visible
            return;
        }
        double sum = 0;
        foreach (double value in score)
            sum += Math.Exp(value - top);
        LogSumExp[place] = top + Math.Log(sum);
        // The score and the maximum that is subtracted from it, exp, and the sum with its rescalings.
        double relative = 2 * scoreError + 4 * u * (Math.Abs(top) + _size.SoftCap) + 2 * Bounds.Function(3) + Bounds.Gamma(_size.Keys + 40);
        double rounding = relative + _rounding;
        LogSumExpBound[place] = relative + Bounds.Function(3) * (Math.Abs(LogSumExp[place]) + Math.Abs(Math.Log(sum)));

        var p = new double[_size.Keys];
        for (int s = 0; s < _size.Keys; s++)
        {
            p[s] = Math.Exp(score[s] - top) / sum;
            var v = Value(b, hk, s);
            for (int i = 0; p[s] > 0 && i < d; i++)
            {
                Output[at + i] += p[s] * v[i];
                OutputBound[at + i] += p[s] * Math.Abs(v[i]) * rounding;
            }
        }

        // delta is computed from the output as the device stored it.
        double delta = 0, deltaError = 0;
        for (int i = 0; i < d; i++)
        {
            delta += Output[at + i] * g[i];
            deltaError += (OutputBound[at + i] + Bounds.Store(Math.Abs(Output[at + i]) + OutputBound[at + i], _size.Type) + Bounds.Gamma(d) * Math.Abs(Output[at + i])) * Math.Abs(g[i]);
        }
        // In the backward pass the probability comes from LogSumExp, which has its own error.
        double again = rounding + LogSumExpBound[place];
        for (int s = 0; s < _size.Keys; s++)
            if (p[s] > 0)
                AddGradients(b, hk, s, _tensors.OfQuery(_tensors.QueryGradientStride, b, h, t), q, g, p[s], slope[s], delta, deltaError, again, scoreError);
    }

    private void AddGradients(
        int b, int hk, int s, int at, ReadOnlySpan<double> q, ReadOnlySpan<double> g, double p, double slope, double delta, double deltaError,
        double again, double scoreError)
    {
        int d = _size.HeadSize, ofKey = _tensors.OfKey(_tensors.KeyGradientStride, b, hk, s), ofValue = _tensors.OfKey(_tensors.ValueGradientStride, b, hk, s);
        var k = Key(b, hk, s);
        (double dp, double magnitude) = Dot(g, Value(b, hk, s));
        double ds = p * (dp - delta) * slope * _size.Scale;
        // The slope 1 - tanh^2 errs by twice tanh's error, which comes from its function and from the score.
        double slopeError = _size.SoftCap > 0 ? 2 * (Bounds.Function(6) + scoreError / _size.SoftCap) : 0;
        double dsError = _size.Scale * p * (
            Math.Abs(dp - delta) * (slope * (again + _rounding + Bounds.Gamma(8)) + slopeError) + slope * (Bounds.Gamma(d + 2) * magnitude + deltaError));
        for (int i = 0; i < d; i++)
        {
            ValueGradient[ofValue + i] += p * g[i];
            ValueBound[ofValue + i] += p * Math.Abs(g[i]) * (again + SumOfQueries);
            QueryGradient[at + i] += ds * k[i];
            QueryBound[at + i] += (dsError + Math.Abs(ds) * Bounds.Gamma(_size.Keys)) * Math.Abs(k[i]);
            KeyGradient[ofKey + i] += ds * q[i];
            KeyBound[ofKey + i] += (dsError + Math.Abs(ds) * SumOfQueries) * Math.Abs(q[i]);
        }
    }

    private double SumOfQueries => Bounds.Gamma(_size.Queries * (_size.Heads / _size.KeyHeads));

    // The last rounding, to the tensor's type; the smallest floats may be flushed once per term.
    private void Store(double[] values, double[] bounds, int terms)
    {
        for (int i = 0; i < values.Length; i++)
            bounds[i] += double.IsNaN(values[i]) ? 0 : Bounds.Store(Math.Abs(values[i]) + bounds[i], _size.Type) + terms * Math.ScaleB(1, -126);
    }

    private ReadOnlySpan<double> Key(int b, int hk, int s) =>
        _tensors.Key.Values.AsSpan(_tensors.OfKey(_tensors.KeyStride, b, hk, s), _size.HeadSize);

    private ReadOnlySpan<double> Value(int b, int hk, int s) =>
        _tensors.Value.Values.AsSpan(_tensors.OfKey(_tensors.ValueStride, b, hk, s), _size.HeadSize);

    private (double[] Values, double[] Bounds) Poisoned(int tokens, int stride, int heads)
    {
        var values = new double[tokens * stride];
        for (int i = 0; i < values.Length; i++)
            if (i % stride >= heads * _size.HeadSize)
                values[i] = double.NaN;
        return (values, new double[values.Length]);
    }

    private static (double Sum, double Magnitude) Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0, magnitude = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
            magnitude += Math.Abs(x[i] * y[i]);
        }
        return (sum, magnitude);
    }
}
