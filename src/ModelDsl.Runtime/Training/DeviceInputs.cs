using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>Room on the device for the inputs of one batch, and the table of pointers that a program reads.</summary>
public sealed unsafe class DeviceInputs : IDisposable
{
    private readonly DeviceMemory[] _memories;
    private readonly nint[] _table;
    private bool _disposed;

    public DeviceInputs(Batch shape, Device device)
    {
        _memories = new DeviceMemory[shape.Inputs.Count];
        _table = GC.AllocateArray<nint>(Math.Max(1, _memories.Length), pinned: true);
        try
        {
            for (int i = 0; i < _memories.Length; i++)
            {
                _memories[i] = device.Allocate(shape.Bytes(i).Length);
                _table[i] = (nint)_memories[i].Pointer;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A pointer for each input; valid as long as this object is.</summary>
    public void** Table
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return (void**)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_table));
        }
    }

    /// <summary>Checks a batch and copies it to the device.</summary>
    public void Write(Batch batch)
    {
        batch.Validate();
        for (int i = 0; i < _memories.Length; i++)
            _memories[i].Write(0, batch.Bytes(i));
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var memory in _memories)
            memory?.Dispose();
    }
}
