namespace ModelDsl.Runtime;

/// <summary>
/// Trains a compiled model on a device: owns weights, gradients and both moments (16 bytes a parameter), scratch and
/// inputs, and nothing managed is allocated in a step after the first.
/// </summary>
/// <remarks>
/// A step is a pure function of (weights, moments, step number, options, batch); losses and weights are the same bits
/// for every number of threads and after <see cref="Resume"/>. One thread at a time: a call beside another thread's is refused
/// with a <see cref="ConcurrentUseException"/>; disposed of during a call, the trainer is gone when that ends.
/// </remarks>
public sealed unsafe partial class Trainer : IDisposable
{
    private readonly ModelProgram _program;
    private readonly Device _device;
    private readonly AdamWState _optimizer;
    private readonly DeviceMemory _scratch;
    private readonly DeviceInputs _inputs;
    private readonly DivergenceDetector _divergence;
    private readonly Batch[] _staging;
    private readonly Lifetime _lifetime;
    private IBatchSource? _source;

    /// <exception cref="InsufficientDeviceMemoryException">The device is too small; nothing stays allocated.</exception>
    /// <exception cref="ArgumentException">The ranks of <see cref="TrainerOptions.Ranks"/> are given different models or options.</exception>
    public Trainer(ModelProgram program, Device device, TrainerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.GradientAccumulation);
        ArgumentOutOfRangeException.ThrowIfNegative(options.ClipNorm);
        (_program, _device, Options) = (program, device, options);
        Ranks.CheckAlike([("the model", $"{program.ModelName} {program.Hyperparameters}"), .. options.Describe()]);
        _lifetime = new(nameof(Trainer), Free);
        _staging = [.. Enumerable.Range(0, options.GradientAccumulation).Select(_ => NewBatch())];
        _divergence = new(options.LossSpike);
        try
        {
            Weights = new(program.Weights, device);
            _optimizer = new(Weights, device);
            _inputs = new(_staging[0], device);
            _scratch = device.Allocate(Math.Max(1, program.ScratchBytes(options.Batch, options.Length)));
        }
        catch
        {
            Free();
            throw;
        }
        WeightInitialiser.Fill(Weights, options.Seed);
    }

    public TrainerOptions Options { get; }

    /// <summary>Shared with generators; they see every step.</summary>
    public WeightStore Weights { get; }

    /// <summary>Of the last step, before clipping.</summary>
    public WeightStore Gradients => _optimizer.Gradients;

    /// <summary>Steps done so far, those before a resume included.</summary>
    public long CompletedSteps { get; private set; }

    /// <summary>An empty batch of this trainer's shape.</summary>
    public Batch NewBatch() => new(_program.Inputs, Options.Batch, Options.Length);

    /// <summary>One step over the training batches that follow those of the steps before.</summary>
    public StepResult Step(IBatchSource source)
    {
        using var use = _lifetime.EnterAlone();
        Check(source);
        for (int i = 0; i < _staging.Length; i++)
            source.FillTraining(Options.Seed, MicroBatch(i), _staging[i]);
        return Step(_staging);
    }

    /// <summary>One step over given batches, one for each micro-step of this rank.</summary>
    /// <remarks>
    /// A micro-batch weighs as much as its share of the counted targets, so that accumulation is the mean over all of
    /// them, as in one large batch.
    /// </remarks>
    /// <exception cref="TrainingDivergedException">The loss or the gradient norm is not finite, or the loss stays high.</exception>
    /// <exception cref="DatasetException">An integer input is out of range, or no target is counted.</exception>
    public StepResult Step(params ReadOnlySpan<Batch> batches)
    {
        using var use = _lifetime.EnterAlone();
        RefuseHalfLoaded();
        if (batches.Length != Options.GradientAccumulation)
            throw new ArgumentException($"A step takes {Options.GradientAccumulation} batches, not {batches.Length}.", nameof(batches));
        using var weights = Weights.Hold();
        using var gradients = Gradients.Hold();
        long targets = 0;
        foreach (var batch in batches)
            targets += batch.CountTargets();
        Ranks.AddTargets(ref targets, CompletedSteps);
        if (targets == 0)
            throw new DatasetException($"Step {CompletedSteps + 1} has nothing to learn from: every target is masked.");
        double loss = 0;
        bool accumulate = false;
        for (int i = 0; i < batches.Length; i++)
        {
            if ((double)batches[i].CountTargets() / targets is not (> 0 and var share))
                continue; // the mean over no targets would be no number
            var buffers = Prepare(batches[i], MicroBatch(i));
            loss += share * _program.Train(_device, buffers, accumulate, (float)share);
            accumulate = true;
        }
        Ranks.Add(ref loss);
        Ranks.AddGradients(Gradients, isZero: !accumulate);
        double norm = _optimizer.GradientNorm(), rate = Options.Schedule.At(CompletedSteps);
        var result = new StepResult(CompletedSteps + 1, (float)loss, (float)norm, rate);
        string? cause = _divergence.Observe(result.Loss) ?? (double.IsFinite(norm) ? null : $"the gradient norm is {norm}");
        if (cause is not null)
            throw new TrainingDivergedException(result, cause);
        double scale = Options.ClipNorm > 0 && norm > Options.ClipNorm ? Options.ClipNorm / norm : 1;
        _optimizer.Update(Options.Optimizer, CompletedSteps + 1, rate, scale);
        CompletedSteps++;
        return result;
    }

    /// <summary>The mean loss over the validation batches, weighted by their counted targets; null where there are none.</summary>
    public float? Evaluate(IBatchSource source)
    {
        using var use = _lifetime.EnterAlone();
        Check(source);
        var batch = _staging[0];
        double loss = 0;
        long targets = 0;
        int count = source.ValidationBatches(batch);
        for (int i = 0; i < count; i++)
        {
            source.FillValidation(i, batch);
            if (batch.CountTargets() is > 0 and var counted)
            {
                loss += (double)Evaluate(batch, draw: i) * counted;
                targets += counted;
            }
        }
        return targets == 0 ? null : (float)(loss / targets);
    }

    /// <summary>The loss of one batch without gradients.</summary>
    /// <param name="draw">The key of whatever the model draws: the same draw gives the same loss.</param>
    public float Evaluate(Batch batch, long draw = 0)
    {
        using var use = _lifetime.EnterAlone();
        RefuseHalfLoaded();
        using var weights = Weights.Hold();
        using var gradients = Gradients.Hold();
        return _program.Evaluate(_device, Prepare(batch, draw));
    }

    /// <summary>Once for every source: that it fits the model, and after a resume that it is what the checkpoint was trained on.</summary>
    private void Check(IBatchSource source)
    {
        if (ReferenceEquals(source, _source))
            return;
        source.Check(_staging[0]);
        string data = source.Fingerprint;
        if (_resumedData is { Length: > 0 } && data.Length > 0 && data != _resumedData && !data.StartsWith(_resumedData + ", ", StringComparison.Ordinal))
            throw new DatasetException(
                $"The checkpoint was trained on other data ({_resumedData}) than these ({data}). Resume with the same, or allow the change.");
        (_source, _data, _resumedData) = (source, data, null);
    }

    private RankSums Ranks => new(Options.Ranks);

    /// <summary>The place of this rank's micro-step <paramref name="i"/> of the next step among all micro-batches.</summary>
    private long MicroBatch(int i) => ((CompletedSteps * _staging.Length + i) * Ranks.Size) + Ranks.Rank;

    private StepBuffers Prepare(Batch batch, long draw)
    {
        if (batch.Sequences != Options.Batch || batch.Length != Options.Length)
            throw new ArgumentException($"The batch is [{batch.Sequences}, {batch.Length}], the trainer [{Options.Batch}, {Options.Length}].");
        _inputs.Write(batch);
        return new()
        {
            Weights = Weights.Pointer,
            Gradients = Gradients.Pointer,
            Scratch = (byte*)_scratch.Pointer,
            Inputs = _inputs.Table,
            Batch = batch.Sequences,
            Length = batch.Length,
            Step = draw,
            Seed = Options.Seed,
        };
    }

    public void Dispose() => _lifetime.Dispose();

    private void Free()
    {
        Weights?.Dispose();
        _optimizer?.Dispose();
        _inputs?.Dispose();
        _scratch?.Dispose();
    }
}
