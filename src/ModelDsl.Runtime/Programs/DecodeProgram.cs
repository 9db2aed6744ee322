namespace ModelDsl.Runtime;

/// <summary>
/// What the generator emits for inference with a language model: the logits that follow new tokens, with what the tokens
/// before them left (keys and values, the states of recurrences) kept from call to call. It owns no memory; a <c>Generator</c> does.
/// </summary>
/// <remarks>
/// Nothing managed is allocated in a call whose (batch, tokens) is one of the last two. Not safe for several threads.
/// </remarks>
public abstract unsafe class DecodeProgram
{
    /// <summary>The record's name, as checkpoints carry it.</summary>
    public abstract string ModelName { get; }

    /// <summary>The hyperparameters, "Vocab=65 Width=384 ...", as checkpoints carry them.</summary>
    public abstract string Hyperparameters { get; }

    /// <summary>Those of the training program, in the same places.</summary>
    public abstract IReadOnlyList<WeightInfo> Weights { get; }

    /// <summary>What is kept from call to call: one after the other in <see cref="DecodeBuffers.States"/>.</summary>
    public IReadOnlyList<StateInfo> States { get; protected init; } = [];

    /// <summary>How many logits a token has; ids are below it.</summary>
    public int Vocabulary { get; protected init; }

    /// <summary>Positions that the model has a table for; int.MaxValue where it needs none.</summary>
    public int LengthLimit { get; protected init; }

    /// <summary>Bytes of the states of so many sequences with room for so many positions each.</summary>
    public long StateBytes(int batch, int room) => States.Sum(s => s.Bytes(batch, room));

    /// <summary>Bytes of scratch for a call with so many new tokens a sequence.</summary>
    public abstract long ScratchBytes(int batch, int tokens);

    /// <summary>Computes the logits that follow the new tokens, and brings the states to their end.</summary>
    /// <returns>[batch, Vocabulary]: the logits of what follows the last token. They stand in scratch, up to the next call.</returns>
    public abstract float* Run(Device device, in DecodeBuffers buffers);
}

/// <summary>
/// What a decode step keeps for the next: [Layers, batch, room, Width] where it has an element for every position (the keys of
/// an attention), [Layers, batch, Width] where each token replaces it (the state of a recurrence; zero before the first token).
/// </summary>
/// <param name="Name">"Blocks.{}.Attention.Keys".</param>
/// <param name="Width">Floats of one layer and sequence, and of one position where there is one for each.</param>
public sealed record StateInfo(string Name, int Layers, int Width, bool PerPosition)
{
    public long Bytes(int batch, int room) => sizeof(float) * (long)Layers * batch * (PerPosition ? room : 1) * Width;
}

/// <summary>The memory of one call of a <see cref="DecodeProgram"/>.</summary>
public unsafe struct DecodeBuffers
{
    public float* Weights, States;
    public byte* Scratch;
    /// <summary>One pointer: int [Batch, Tokens], the new tokens.</summary>
    public void** Inputs;
    public int Batch, Tokens;
    /// <summary>The position of the first new token: how many the states have seen already.</summary>
    public int Start;
    /// <summary>Positions that a sequence has room for, Start + Tokens at least.</summary>
    public int Room;
}
