using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>The gradients and moments of a model in device memory, and the optimizer step over them.</summary>
internal sealed unsafe class AdamWState : IDisposable
{
    private readonly Device _device;
    private readonly WeightStore _weights;
    private readonly DeviceMemory? _gradients, _first, _second, _sums;
    private readonly double[] _rowSums;
    private readonly (long Begin, long End, bool Decay)[] _groups;

    public AdamWState(WeightStore weights, Device device)
    {
        (_weights, _device) = (weights, device);
        _groups = Groups(weights.Infos);
        _rowSums = new double[(weights.Count + SquaredNormRows.RowFloats - 1) / SquaredNormRows.RowFloats];
        try
        {
            long bytes = Math.Max(weights.Count, 1) * sizeof(float);
            _gradients = device.Allocate(bytes);
            _first = device.Allocate(bytes);
            _second = device.Allocate(bytes);
            _sums = device.Allocate(Math.Max(_rowSums.Length, 1) * sizeof(double));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public float* Gradients => (float*)_gradients!.Pointer;

    /// <summary>The first moment, laid out like the weights.</summary>
    public DeviceMemory First => _first!;

    /// <summary>The second moment, laid out like the weights.</summary>
    public DeviceMemory Second => _second!;

    /// <summary>The Euclidean norm of all gradients: sums of rows, added in the order of the rows.</summary>
    public double GradientNorm()
    {
        var kernel = new SquaredNormRows { Gradients = Gradients, Sums = (double*)_sums!.Pointer, Count = _weights.Count };
        _device.Launch(kernel, _rowSums.Length);
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
            var kernel = new AdamWRows
            {
                Weights = _weights.Pointer + begin,
                Gradients = Gradients + begin,
                First = (float*)First.Pointer + begin,
                Second = (float*)Second.Pointer + begin,
                Count = end - begin,
                GradientScale = (float)gradientScale,
                LearningRate = (float)learningRate,
                Beta1 = (float)options.Beta1,
                Beta2 = (float)options.Beta2,
                Epsilon = (float)options.Epsilon,
                Decay = decay ? (float)options.WeightDecay : 0,
                FirstCorrection = (float)(1 / (1 - Math.Pow(options.Beta1, step))),
                SecondCorrection = (float)(1 / (1 - Math.Pow(options.Beta2, step))),
            };
            _device.Launch(kernel, (int)((kernel.Count + AdamWRows.RowFloats - 1) / AdamWRows.RowFloats));
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
        _gradients?.Dispose();
        _first?.Dispose();
        _second?.Dispose();
        _sums?.Dispose();
    }
}
