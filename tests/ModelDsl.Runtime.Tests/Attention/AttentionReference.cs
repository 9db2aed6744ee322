namespace ModelDsl.Runtime.Tests;

/// <summary>Attention and its gradients in double precision, straight from the definition. Arrays are [b][h][t][d].</summary>
internal sealed class AttentionReference
{
    public readonly double[,,,] Output, QueryGradient, KeyGradient, ValueGradient;
    public readonly double[,,] LogSumExp;

    public AttentionReference(AttentionCase c, Func<int, int, int, int, double> q, Func<int, int, int, int, double> k,
        Func<int, int, int, int, double> v, Func<int, int, int, int, double>? outputGradient = null)
    {
        Output = new double[c.B, c.H, c.Tq, c.D];
        QueryGradient = new double[c.B, c.H, c.Tq, c.D];
        KeyGradient = new double[c.B, c.Hk, c.Tk, c.D];
        ValueGradient = new double[c.B, c.Hk, c.Tk, c.D];
        LogSumExp = new double[c.B, c.H, c.Tq];
        var score = new double[c.Tk];
        var slope = new double[c.Tk];
        for (int b = 0; b < c.B; b++)
            for (int h = 0; h < c.H; h++)
                for (int t = 0; t < c.Tq; t++)
                {
                    int hk = h / (c.H / c.Hk);
                    double sum = 0;
                    for (int s = 0; s < c.Tk; s++)
                    {
                        double dot = 0;
                        for (int d = 0; d < c.D; d++) dot += q(b, h, t, d) * k(b, hk, s, d);
                        double x = dot * c.Scale, tanh = c.SoftCap > 0 ? Math.Tanh(x / c.SoftCap) : 0;
                        slope[s] = 1 - tanh * tanh;
                        score[s] = c.Sees(t, s) ? Math.Exp(c.SoftCap > 0 ? c.SoftCap * tanh : x) : 0;
                        sum += score[s];
                    }
                    LogSumExp[b, h, t] = Math.Log(sum);
                    if (sum == 0) continue;
                    for (int s = 0; s < c.Tk; s++)
                        for (int d = 0; d < c.D; d++) Output[b, h, t, d] += score[s] / sum * v(b, hk, s, d);
                    if (outputGradient == null) continue;
                    double delta = 0;
                    for (int d = 0; d < c.D; d++) delta += outputGradient(b, h, t, d) * Output[b, h, t, d];
                    for (int s = 0; s < c.Tk; s++)
                    {
                        double p = score[s] / sum, dp = 0;
                        for (int d = 0; d < c.D; d++)
                        {
                            ValueGradient[b, hk, s, d] += p * outputGradient(b, h, t, d);
                            dp += outputGradient(b, h, t, d) * v(b, hk, s, d);
                        }
                        double ds = p * (dp - delta) * slope[s] * c.Scale;
                        for (int d = 0; d < c.D; d++)
                        {
                            QueryGradient[b, h, t, d] += ds * k(b, hk, s, d);
                            KeyGradient[b, hk, s, d] += ds * q(b, h, t, d);
                        }
                    }
                }
    }
}
