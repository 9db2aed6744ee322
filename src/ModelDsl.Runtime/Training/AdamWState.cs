using System.Runtime.InteropServices;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime;

/// <summary>The gradients and moments of a model in device memory, and the optimizer step over them.</summary>
internal sealed unsafe class AdamWState : IDisposable
{
    private readonly Device _device;
    private readonly WeightStore _weights;
    private readonly DeviceMemory? _sums;
    private readonly double[] _rowSums;
    private readonly (long Begin, long End, bool Decay)[] _groups;

    public AdamWState(WeightStore weights, Device device)
    {
        (_weights, _device) = (weights, device);
        _groups = Groups(weights.Infos);
        _rowSums = new double[SquaredNorm.RowsOf(weights.Count)];
        try
        {
            Gradients = new(weights.Infos, device);
            First = new(weights.Infos, device);
            Second = new(weights.Infos, device);
            _sums = device.Allocate(Math.Max(_rowSums.Length, 1) * sizeof(double));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public WeightStore Gradients { get; }

    /// <summary>The running mean of the gradients.</summary>
    public WeightStore First { get; }

    /// <summary>The running mean of their squares.</summary>
    public WeightStore Second { get; }

    /// <summary>The Euclidean norm of all gradients: sums of rows, added in the order of the rows.</summary>
    public double GradientNorm()
    {
        var kernel = new SquaredNorm { Values = Gradients.Pointer, Partial = (double*)_sums!.Pointer, Count = _weights.Count };
        _device.Launch(kernel, kernel.Rows);
        _sums.Read(0, MemoryMarshal.AsBytes(_rowSums.AsSpan()));
        double sum = 0;
        foreach (double row in _rowSums)
            sum += row;
        return Math.Sqrt(sum);
    }

    /// <summary>Updates every weight.</summary>
    /// <param name="step">Counts from 1.</param>
    public void Update(AdamWOptions options, long step, double learningRate, double gradientScale)
    {
        foreach (var (begin, end, decay) in _groups)
        {
            var kernel = new AdamW
            {
                Weights = _weights.Pointer + begin,
                Gradients = Gradients.Pointer + begin,
                FirstMoment = First.Pointer + begin,
                SecondMoment = Second.Pointer + begin,
                Count = end - begin,
                GradientScale = (float)gradientScale,
                LearningRate = (float)learningRate,
                Beta1 = (float)options.Beta1,
                Beta2 = (float)options.Beta2,
                Epsilon = (float)options.Epsilon,
                WeightDecay = decay ? (float)options.WeightDecay : 0,
                BiasCorrection1 = (float)(1 - Math.Pow(options.Beta1, step)),
                BiasCorrection2 = (float)(1 - Math.Pow(options.Beta2, step)),
            };
            _device.Launch(kernel, kernel.Rows);
        }
    }

    /// <summary>Neighbours that agree on weight decay, as one range.</summary>
    private static (long, long, bool)[] Groups(IReadOnlyList<WeightInfo> infos)
    {
        var groups = new List<(long Begin, long End, bool Decay)>();
        foreach (var info in infos)
            if (groups.Count > 0 && groups[^1].Decay == info.Decay)
                groups[^1] = groups[^1] with { End = info.Offset + info.Count };
            else
                groups.Add((info.Offset, info.Offset + info.Count, info.Decay));
        return [.. groups];
    }

    public void Dispose()
    {
        Gradients?.Dispose();
        First?.Dispose();
        Second?.Dispose();
        _sums?.Dispose();
    }
}
