using System.Diagnostics;
using ModelDsl.Runtime;

namespace ModelDsl.Bench.Step;

/// <summary>Training steps of a preset's model on random tokens, timed one by one.</summary>
internal sealed class TrainingSteps : IDisposable
{
    private readonly Trainer _trainer;
    private readonly Batch _batch;
    private readonly Random _random = new(1);
    private readonly int _vocab;

    public TrainingSteps(StepPreset preset, Device device, double clipNorm)
    {
        var program = preset.Model.CreateProgram();
        _trainer = new(program, device, new TrainerOptions
        {
            Batch = preset.Batch, Length = preset.Length, ClipNorm = clipNorm, Schedule = new ConstantSchedule(1e-4), LossSpike = null,
        });
        _batch = _trainer.NewBatch();
        _vocab = preset.Vocab;
        Flops = program.StepFlops(preset.Batch, preset.Length);
        Parameters = _trainer.Weights.Count;
    }

    /// <summary>Of a step's products and attention, forward and backward.</summary>
    public double Flops { get; }

    public long Parameters { get; }

    /// <summary>The most managed bytes, of all threads, that a step behind the first has allocated.</summary>
    public long Allocated { get; private set; }

    /// <summary>Seconds of one step.</summary>
    public double Step()
    {
        foreach (ref int token in _batch.Integers("tokens")) token = _random.Next(_vocab);
        foreach (ref int target in _batch.Integers("targets")) target = _random.Next(_vocab);
        bool first = _trainer.CompletedSteps == 0;
        long before = GC.GetTotalAllocatedBytes(precise: true), begin = Stopwatch.GetTimestamp();
        _trainer.Step(_batch);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        if (!first) Allocated = Math.Max(Allocated, allocated);
        return seconds;
    }

    public void Dispose() => _trainer.Dispose();
}
