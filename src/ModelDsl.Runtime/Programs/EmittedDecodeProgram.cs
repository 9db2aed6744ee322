using System.ComponentModel;

namespace ModelDsl.Runtime;

/// <summary>What emitted decode programs derive from: the memory of the call that is running, and its plans.</summary>
/// <remarks>For emitted code. Not safe for several threads.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract unsafe class EmittedDecodeProgram : DecodeProgram
{
    private MemoryPlan _plan = new(), _otherPlan = new();
    private (int B, int T) _other;
    private byte* _scratch, _states;

    /// <summary>Where the call runs.</summary>
    protected Device _device = null!;

    /// <summary>The flat buffer of weights.</summary>
    protected float* _weights;

    /// <summary>A pointer to the new tokens.</summary>
    protected void** _inputs;

    /// <summary>Sequences, and new tokens of each.</summary>
    protected int B, T;

    /// <summary>The position of the first new token.</summary>
    protected int Start;

    /// <summary>How many positions the states have room for.</summary>
    protected int Room;

    public sealed override long ScratchBytes(int batch, int tokens)
    {
        Prepare(batch, tokens);
        return _plan.Bytes;
    }

    public sealed override float* Run(Device device, in DecodeBuffers buffers)
    {
        Prepare(buffers.Batch, buffers.Tokens);
        (_device, Start, Room) = (device, buffers.Start, buffers.Room);
        _weights = buffers.Weights;
        _scratch = buffers.Scratch;
        _states = (byte*)buffers.States;
        _inputs = buffers.Inputs;
        return Decode();
    }

    /// <summary>The new tokens through all layers, and the last of them through the head.</summary>
    /// <returns>[B, Vocabulary].</returns>
    protected abstract float* Decode();

    /// <summary>The scratch of <see cref="Decode"/> at the current batch and number of tokens.</summary>
    protected abstract MemoryPlan PlanDecode();

    /// <summary>A block of the plan.</summary>
    protected float* Floats(int block) => (float*)(_scratch + _plan[block]);

    /// <summary>A block of the plan.</summary>
    protected int* Ints(int block) => (int*)(_scratch + _plan[block]);

    /// <summary>What is kept under a place in <see cref="DecodeProgram.States"/>.</summary>
    protected float* State(int index)
    {
        long offset = 0;
        for (int i = 0; i < index; i++) offset += States[i].Bytes(B, Room);
        return (float*)(_states + offset);
    }

    /// <summary>Prompts and single tokens take turns: the plan before the last one is kept.</summary>
    private void Prepare(int batch, int tokens)
    {
        if ((batch, tokens) == (B, T)) return;
        bool known = (batch, tokens) == _other;
        (_plan, _otherPlan, _other) = (_otherPlan, _plan, (B, T));
        (B, T) = (batch, tokens);
        if (!known) _plan = PlanDecode();
    }
}
