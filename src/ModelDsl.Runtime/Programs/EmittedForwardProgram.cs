using System.ComponentModel;

namespace ModelDsl.Runtime;

/// <summary>What emitted forward programs derive from: the memory of the pass that is running, and its plan.</summary>
/// <remarks>For emitted code. Not safe for several threads.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract unsafe class EmittedForwardProgram : ForwardProgram
{
    private MemoryPlan _plan = new();
    private byte* _scratch;

    /// <summary>Where the pass runs.</summary>
    protected Device _device = null!;

    /// <summary>The flat buffer of weights.</summary>
    protected float* _weights;

    /// <summary>A pointer for each input.</summary>
    protected void** _inputs;

    /// <summary>Sequences of the batch, and tokens of each.</summary>
    protected int B, T;

    /// <summary>With <see cref="Seed"/> the key of random numbers.</summary>
    protected long Step;

    /// <summary>The key of random numbers.</summary>
    protected ulong Seed;

    public sealed override long ScratchBytes(int batch, int length)
    {
        Prepare(batch, length);
        return _plan.Bytes;
    }

    public sealed override void Run(Device device, in StepBuffers buffers, float** outputs)
    {
        Prepare(buffers.Batch, buffers.Length);
        (_device, Step, Seed) = (device, buffers.Step, buffers.Seed);
        _weights = buffers.Weights;
        _scratch = buffers.Scratch;
        _inputs = buffers.Inputs;
        Forward(outputs);
    }

    /// <param name="outputs">Takes a pointer for each result.</param>
    protected abstract void Forward(float** outputs);

    /// <summary>The scratch of <see cref="Forward"/> at the current batch and length.</summary>
    protected abstract MemoryPlan PlanForward();

    /// <exception cref="ArgumentOutOfRangeException">The model has no positions beyond a length.</exception>
    protected abstract void CheckLength(int length);

    /// <summary>A block of the plan.</summary>
    protected float* Floats(int block) => (float*)(_scratch + _plan[block]);

    /// <summary>A block of the plan.</summary>
    protected int* Ints(int block) => (int*)(_scratch + _plan[block]);

    private void Prepare(int batch, int length)
    {
        if (batch == B && length == T) return;
        CheckLength(length);
        (B, T) = (batch, length);
        _plan = PlanForward();
    }
}
