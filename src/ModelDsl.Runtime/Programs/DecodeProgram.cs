namespace ModelDsl.Runtime;

/// <summary>
/// What the generator emits for inference with a language model: the logits that follow new tokens, with the keys and
/// values of the tokens before them in caches. It owns no memory; a <c>Generator</c> does.
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

    /// <summary>One after the other in <see cref="DecodeBuffers.Caches"/>.</summary>
    public IReadOnlyList<CacheInfo> Caches { get; protected init; } = [];

    /// <summary>How many logits a token has; ids are below it.</summary>
    public int Vocabulary { get; protected init; }

    /// <summary>Positions that the model has a table for; int.MaxValue where it needs none.</summary>
    public int LengthLimit { get; protected init; }

    /// <summary>Floats of the caches of so many sequences with room for so many positions each.</summary>
    public long CacheFloats(int batch, int room) => Caches.Sum(c => c.Floats(batch, room));

    /// <summary>Floats of scratch for a call with so many new tokens a sequence.</summary>
    public abstract long ScratchFloats(int batch, int tokens);

    /// <summary>Appends the new tokens' keys and values to the caches.</summary>
    /// <returns>[batch, Vocabulary]: the logits of what follows the last token. They stand in scratch, up to the next call.</returns>
    public abstract float* Run(Device device, in DecodeBuffers buffers);
}

/// <summary>The keys or the values of one attention: [Layers, batch, room, Width].</summary>
/// <param name="Name">"Blocks.{}.Attention.Keys".</param>
/// <param name="Width">Floats of a token: key heads times head size.</param>
public sealed record CacheInfo(string Name, int Layers, int Width)
{
    public long Floats(int batch, int room) => (long)Layers * batch * room * Width;
}

/// <summary>The memory of one call of a <see cref="DecodeProgram"/>.</summary>
public unsafe struct DecodeBuffers
{
    public float* Weights, Scratch, Caches;
    /// <summary>One pointer: int [Batch, Tokens], the new tokens.</summary>
    public void** Inputs;
    public int Batch, Tokens;
    /// <summary>The position of the first new token: how many the caches hold already.</summary>
    public int Start;
    /// <summary>Positions that a sequence has room for, Start + Tokens at least.</summary>
    public int Room;
}
