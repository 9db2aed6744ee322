using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>Room on the device for the inputs of one batch, and the table of pointers that a program reads.</summary>
public sealed unsafe class DeviceInputs : IDisposable
{
    private readonly DeviceMemory[] _memories;
    private readonly void** _table;

    public DeviceInputs(Batch shape, Device device)
    {
        _memories = new DeviceMemory[shape.Inputs.Count];
        _table = (void**)NativeMemory.Alloc((nuint)Math.Max(1, _memories.Length), (nuint)sizeof(void*));
        try
        {
            for (int i = 0; i < _memories.Length; i++)
            {
                _memories[i] = device.Allocate(shape.Bytes(i).Length);
                _table[i] = _memories[i].Pointer;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void** Table => _table;

    /// <summary>Checks a batch and copies it to the device.</summary>
    public void Write(Batch batch)
    {
        batch.Validate();
        for (int i = 0; i < _memories.Length; i++)
            _memories[i].Write(0, batch.Bytes(i));
    }

    public void Dispose()
    {
        foreach (var memory in _memories)
            memory?.Dispose();
        NativeMemory.Free(_table);
    }
}
