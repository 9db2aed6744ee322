namespace ModelDsl.Runtime;

/// <summary>
/// What the generator emits for a model: the table of its weights and inputs at the hyperparameters of one record, and
/// the launch lists of its training step. It owns no memory; a <c>Trainer</c> does.
/// </summary>
public abstract unsafe class ModelProgram
{
    /// <summary>The record's name, as checkpoints carry it.</summary>
    public abstract string ModelName { get; }

    /// <summary>The hyperparameters, "Vocab=65 Width=384 ...", as checkpoints carry them.</summary>
    public abstract string Hyperparameters { get; }

    /// <summary>In the order of the flat weight buffer; offsets and sizes do not overlap and fill it.</summary>
    public abstract IReadOnlyList<WeightInfo> Weights { get; }

    /// <summary>What a batch brings, in the order of <see cref="StepBuffers.Inputs"/>.</summary>
    public abstract IReadOnlyList<InputInfo> Inputs { get; }

    /// <summary>Bytes of scratch (activations, temporaries) that a step at this batch and length needs.</summary>
    public abstract long ScratchBytes(int batch, int length);

    /// <summary>Multiply-adds counted as two, of forward and backward, matrix products and attention only.</summary>
    public abstract double StepFlops(int batch, int length);

    /// <summary>
    /// Forward and backward of one batch. Gradients are written, or added where <paramref name="accumulate"/>.
    /// </summary>
    /// <param name="gradientScale">What the loss's gradient starts from: the micro-batch's share of the targets that count, 1 for one batch.</param>
    /// <returns>The loss of the batch, unscaled.</returns>
    public abstract float Train(Device device, in StepBuffers buffers, bool accumulate, float gradientScale);

    /// <summary>The loss of one batch without gradients.</summary>
    public abstract float Evaluate(Device device, in StepBuffers buffers);
}

/// <summary>One weight's place in the flat buffer. A <c>Repeat</c> has one entry a layer, "Blocks.3.Norm.Scale".</summary>
/// <param name="Offset">In floats.</param>
/// <param name="Std">Standard deviation of <see cref="Init.Normal"/> and, before its depth factor, of <see cref="Init.Residual"/>.</param>
/// <param name="Depth">The number of layers of the surrounding repeats, 1 where there is none.</param>
/// <param name="Decay">Whether weight decay applies (matrices yes, vectors no, unless the record says otherwise).</param>
public sealed record WeightInfo(string Name, int[] Shape, long Offset, Init Init, float Std, int Depth, bool Decay)
{
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>One input of a step.</summary>
/// <param name="Name">"tokens", "targets", or the parameter's name.</param>
/// <param name="Kind">Int32 for tokens, targets and labels; Float32 for everything else.</param>
/// <param name="PerToken">Whether the shape begins with [batch, length] rather than [batch].</param>
/// <param name="Shape">What follows those.</param>
/// <param name="Limit">Integers are in [0, Limit), or negative in targets: not counted.</param>
public sealed record InputInfo(string Name, InputKind Kind, bool PerToken, int[] Shape, int Limit);

public enum InputKind { Int32, Float32 }

/// <summary>The memory of one step.</summary>
public unsafe struct StepBuffers
{
    public float* Weights, Gradients;
    public byte* Scratch;
    /// <summary>A pointer for each of <see cref="ModelProgram.Inputs"/>.</summary>
    public void** Inputs;
    public int Batch, Length;
    /// <summary>Counts steps; the key of the random numbers that a model draws.</summary>
    public long Step;
    public ulong Seed;
}
