using System.Diagnostics;
using ModelDsl.Runtime;

namespace ModelDsl.Bench.Step;

/// <summary>
/// Passes everything on to a device and adds up, for each kind of launch, the time that it took. A launch's best time is what it
/// takes where nothing else disturbs it: on a busy machine the sum of those tells more than any whole step.
/// </summary>
internal sealed unsafe class ProfilingDevice(Device device) : Device
{
    private readonly Dictionary<string, (int Calls, double Seconds, double Best, double Flops)> _kinds = [];

    public override string Name => device.Name;

    public override DeviceMemory Allocate(long bytes) => device.Allocate(bytes);

    public override void Launch<TKernel>(in TKernel kernel, int rows)
    {
        long begin = Stopwatch.GetTimestamp();
        device.Launch(kernel, rows);
        Add($"{typeof(TKernel).Name} x {rows}", begin, flops: 0);
    }

    public override void MatMul<TEpilogue>(
        int m, int n, int k, Matrix a, Matrix b, Matrix c, bool accumulate, in TEpilogue epilogue)
    {
        long begin = Stopwatch.GetTimestamp();
        device.MatMul(m, n, k, a, b, c, accumulate, epilogue);
        char left = a.Transposed ? 'T' : 'N', right = b.Transposed ? 'T' : 'N';
        Add($"{m} x {n} x {k} {left}{right} {typeof(TEpilogue).Name}", begin, 2.0 * m * n * k);
    }

    public override void Attention(in AttentionArguments arguments)
    {
        long begin = Stopwatch.GetTimestamp();
        device.Attention(arguments);
        Add("attention", begin, 4 * Products(arguments));
    }

    public override void AttentionBackward(in AttentionArguments arguments, in AttentionGradients gradients)
    {
        long begin = Stopwatch.GetTimestamp();
        device.AttentionBackward(arguments, gradients);
        Add("attention, backward", begin, 10 * Products(arguments));
    }

    public override double MeasurePeakFlops() => device.MeasurePeakFlops();

    public override float ReadFloat(float* source) => device.ReadFloat(source);

    public override void Dispose() => device.Dispose();

    public void Clear() => _kinds.Clear();

    /// <summary>A table of the means of so many steps since <see cref="Clear"/>, the slowest first.</summary>
    public void Print(int steps, double peak)
    {
        Console.WriteLine("| launch | calls a step | ms a step | of FMA peak | ms a step, each at its best | of FMA peak |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var (kind, (calls, seconds, best, flops)) in _kinds.OrderByDescending(pair => pair.Value.Best * pair.Value.Calls))
            Row(kind, calls, seconds, best * calls, flops);
        Row("all", _kinds.Values.Sum(v => v.Calls), _kinds.Values.Sum(v => v.Seconds), _kinds.Values.Sum(v => v.Best * v.Calls), _kinds.Values.Sum(v => v.Flops));

        void Row(string kind, int calls, double seconds, double best, double flops) => Console.WriteLine(
            $"| {kind} | {(double)calls / steps:F0} | {seconds / steps * 1e3:F2} | {Share(flops, seconds)} | {best / steps * 1e3:F2} | {Share(flops, best)} |");

        string Share(double flops, double seconds) => flops > 0 ? $"{flops / seconds / peak:P0}" : "";
    }

    private void Add(string kind, long begin, double flops)
    {
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var sum = _kinds.GetValueOrDefault(kind);
        _kinds[kind] = (sum.Calls + 1, sum.Seconds + seconds, sum.Calls == 0 ? seconds : Math.Min(sum.Best, seconds), sum.Flops + flops);
    }

    /// <summary>Multiply-adds of one product over the causal half of all pairs.</summary>
    private static double Products(in AttentionArguments a) =>
        0.5 * a.Batch * a.Heads * a.QueryLength * (a.KeyLength + 1.0) * a.HeadSize;
}
