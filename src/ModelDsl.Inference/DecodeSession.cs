using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelDsl.Runtime;

namespace ModelDsl.Inference;

/// <summary>
/// Sequences of equal length: the states that their tokens leave (keys and values grow with them), and the memory of a call.
/// Nothing managed is allocated by a single token while the states have room.
/// </summary>
internal sealed unsafe class DecodeSession : IDisposable
{
    private const int LeastRoom = 256;

    private readonly DecodeProgram _program;
    private readonly WeightStore _weights;
    private readonly int _chunk;
    private readonly int[] _staging;
    private readonly float[] _logits;
    private readonly DeviceMemory _tokens;
    private readonly nint[] _inputs = GC.AllocateArray<nint>(1, pinned: true);
    private DeviceMemory? _states, _scratch;

    /// <param name="limit">Positions at most.</param>
    /// <param name="chunk">Tokens of a sequence that one call takes at most.</param>
    public DecodeSession(DecodeProgram program, WeightStore weights, int batch, int limit, int chunk)
    {
        (_program, _weights, Batch, Limit, _chunk) = (program, weights, batch, limit, Math.Min(chunk, limit));
        _staging = new int[batch * _chunk];
        _logits = new float[batch * program.Vocabulary];
        _tokens = weights.Device.Allocate(_staging.Length * (long)sizeof(int));
        _inputs[0] = (nint)_tokens.Pointer;
    }

    public int Batch { get; }

    public int Limit { get; }

    /// <summary>Positions that are filled.</summary>
    public int Length { get; private set; }

    /// <summary>Positions that there is memory for.</summary>
    public int Room { get; private set; }

    /// <summary>Forgets all but the first positions.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>The logits of what follows the last token of a sequence, as the last call left them.</summary>
    public Span<float> Logits(int sequence) => _logits.AsSpan(sequence * _program.Vocabulary, _program.Vocabulary);

    /// <summary>Appends tokens [Batch, count] to the sequences.</summary>
    public void Append(ReadOnlySpan<int> tokens)
    {
        int count = tokens.Length / Batch;
        Reserve(Length + count);
        for (int done = 0; done < count; done += _chunk)
        {
            int part = Math.Min(_chunk, count - done);
            for (int sequence = 0; sequence < Batch; sequence++)
                tokens.Slice(sequence * count + done, part).CopyTo(_staging.AsSpan(sequence * part));
            Run(part);
        }
    }

    private void Run(int count)
    {
        long bytes = _program.ScratchBytes(Batch, count);
        if (_scratch is null || _scratch.Bytes < bytes)
        {
            _scratch?.Dispose();
            _scratch = null;
            _scratch = _weights.Device.Allocate(bytes);
        }
        _tokens.Write(0, MemoryMarshal.AsBytes(_staging.AsSpan(0, Batch * count)));
        var buffers = new DecodeBuffers
        {
            Weights = _weights.Pointer,
            Scratch = (byte*)_scratch.Pointer,
            States = (float*)_states!.Pointer,
            Inputs = (void**)Unsafe.AsPointer(ref _inputs[0]),
            Batch = Batch,
            Tokens = count,
            Start = Length,
            Room = Room,
        };
        using var weights = _weights.Hold();
        float* logits = _program.Run(_weights.Device, buffers);
        _scratch.Read((byte*)logits - (byte*)_scratch.Pointer, MemoryMarshal.AsBytes(_logits.AsSpan()));
        Length += count;
    }

    /// <summary>Sees to memory for so many positions; it doubles, so that the tokens of a long text move a few times only.</summary>
    private void Reserve(int positions)
    {
        if (positions <= Room) return;
        int room = (int)Math.Min(Limit, Math.Max(Math.Max(LeastRoom, positions), 2L * Room));
        var larger = _weights.Device.Allocate(Math.Max(1, _program.StateBytes(Batch, room)));
        if (_states is not null) Move(_states, larger, room);
        _states?.Dispose();
        (_states, Room) = (larger, room);
    }

    /// <summary>What every layer and sequence has filled to its place in states with more room.</summary>
    private void Move(DeviceMemory from, DeviceMemory to, int room)
    {
        long source = 0, destination = 0;
        foreach (var state in _program.States)
        {
            int pieces = state.Layers * Batch;
            byte[] filled = new byte[(long)(state.PerPosition ? Length : 1) * state.Width * sizeof(float)];
            for (int piece = 0; piece < pieces; piece++)
            {
                from.Read(source + piece * (state.Bytes(Batch, Room) / pieces), filled);
                to.Write(destination + piece * (state.Bytes(Batch, room) / pieces), filled);
            }
            source += state.Bytes(Batch, Room);
            destination += state.Bytes(Batch, room);
        }
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _states?.Dispose();
        _scratch?.Dispose();
    }
}
