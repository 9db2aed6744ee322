using System.ComponentModel;

namespace ModelDsl.Runtime;

/// <summary>What emitted training programs derive from: the memory of the step that is running, and its plans.</summary>
/// <remarks>For emitted code. Not safe for several threads.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract unsafe class EmittedProgram : ModelProgram
{
    private MemoryPlan _trainPlan = new(), _evaluatePlan = new(), _plan = new();
    private byte* _scratch;

    /// <summary>Where the step runs.</summary>
    protected Device _device = null!;

    /// <summary>The flat buffers of weights and of their gradients.</summary>
    protected float* _weights, _gradients;

    /// <summary>A pointer for each input.</summary>
    protected void** _inputs;

    /// <summary>Sequences of the batch, and tokens of each.</summary>
    protected int B, T;

    /// <summary>Counts steps; with <see cref="Seed"/> the key of random numbers.</summary>
    protected long Step;

    /// <summary>The key of random numbers.</summary>
    protected ulong Seed;

    /// <summary>Whether gradients are added to: in every micro-step of a step but the first.</summary>
    protected bool _accumulate;

    /// <summary>What the gradient of the loss starts from.</summary>
    protected float GradientScale;

    public sealed override long ScratchBytes(int batch, int length)
    {
        Prepare(batch, length);
        return Math.Max(_trainPlan.Bytes, _evaluatePlan.Bytes);
    }

    public sealed override float Train(Device device, in StepBuffers buffers, bool accumulate, float gradientScale)
    {
        Bind(device, buffers);
        (_plan, _accumulate, GradientScale) = (_trainPlan, accumulate, gradientScale);
        return device.ReadFloat(Train());
    }

    public sealed override float Evaluate(Device device, in StepBuffers buffers)
    {
        Bind(device, buffers);
        _plan = _evaluatePlan;
        return device.ReadFloat(Evaluate());
    }

    /// <summary>Forward and backward.</summary>
    /// <returns>The loss.</returns>
    protected abstract float* Train();

    /// <summary>Forward.</summary>
    /// <returns>The loss.</returns>
    protected abstract float* Evaluate();

    /// <summary>The scratch of <see cref="Train()"/> at the current batch and length.</summary>
    protected abstract MemoryPlan PlanTrain();

    /// <summary>The scratch of <see cref="Evaluate()"/> at the current batch and length.</summary>
    protected abstract MemoryPlan PlanEvaluate();

    /// <exception cref="ArgumentOutOfRangeException">The model has no positions beyond a length.</exception>
    protected abstract void CheckLength(int length);

    /// <summary>A block of the plan.</summary>
    protected float* Floats(int block) => (float*)(_scratch + _plan[block]);

    /// <summary>A block of the plan.</summary>
    protected int* Ints(int block) => (int*)(_scratch + _plan[block]);

    /// <summary>The plans at a batch and length: made once, as long as these stay.</summary>
    protected void Prepare(int batch, int length)
    {
        if (batch == B && length == T) return;
        CheckLength(length);
        (B, T) = (batch, length);
        _trainPlan = PlanTrain();
        _evaluatePlan = PlanEvaluate();
    }

    private void Bind(Device device, in StepBuffers buffers)
    {
        Prepare(buffers.Batch, buffers.Length);
        (_device, Step, Seed) = (device, buffers.Step, buffers.Seed);
        _weights = buffers.Weights;
        _gradients = buffers.Gradients;
        _scratch = buffers.Scratch;
        _inputs = buffers.Inputs;
    }
}
