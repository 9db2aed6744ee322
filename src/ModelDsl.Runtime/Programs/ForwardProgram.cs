namespace ModelDsl.Runtime;

/// <summary>
/// What the generator emits for a model's Forward on whole batches: logits of every token, classes of images. It owns no
/// memory; a <c>Predictor</c> does.
/// </summary>
public abstract unsafe class ForwardProgram
{
    /// <summary>The record's name, as checkpoints carry it.</summary>
    public abstract string ModelName { get; }

    /// <summary>The hyperparameters, "Vocab=65 Width=384 ...", as checkpoints carry them.</summary>
    public abstract string Hyperparameters { get; }

    /// <summary>Those of the training program, in the same places.</summary>
    public abstract IReadOnlyList<WeightInfo> Weights { get; }

    /// <summary>What Forward takes.</summary>
    public IReadOnlyList<InputInfo> Inputs { get; protected init; } = [];

    /// <summary>What it returns.</summary>
    public IReadOnlyList<OutputInfo> Results { get; protected init; } = [];

    /// <summary>Bytes of scratch, outputs included.</summary>
    public abstract long ScratchBytes(int batch, int length);

    /// <param name="outputs">Takes a pointer for each of <see cref="Results"/>: into scratch, good up to the next call.</param>
    public abstract void Run(Device device, in StepBuffers buffers, float** outputs);
}

/// <summary>One result of a model's Forward.</summary>
/// <param name="Name">"logits" of a model over tokens, otherwise "output", or "output0", "output1" of several.</param>
/// <param name="PerToken">Whether the shape begins with [batch, length] rather than [batch].</param>
/// <param name="Shape">What follows those.</param>
public sealed record OutputInfo(string Name, bool PerToken, int[] Shape)
{
    /// <summary>Elements of a batch's output.</summary>
    public int Count(int batch, int length) => Shape.Aggregate(PerToken ? checked(batch * length) : batch, (product, size) => checked(product * size));
}
