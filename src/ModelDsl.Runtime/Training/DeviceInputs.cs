using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>Room on the device for the inputs of one batch, and the table of pointers that a program reads.</summary>
internal sealed unsafe class DeviceInputs : IDisposable
{
    private readonly DeviceMemory[] memories;
    private readonly void** table;

    public DeviceInputs(Batch shape, Device device)
    {
        memories = new DeviceMemory[shape.Inputs.Count];
        table = (void**)NativeMemory.Alloc((nuint)Math.Max(1, memories.Length), (nuint)sizeof(void*));
        try
        {
            for (int i = 0; i < memories.Length; i++)
            {
                memories[i] = device.Allocate(shape.Bytes(i).Length);
                table[i] = memories[i].Pointer;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void** Table => table;

    /// <summary>Checks a batch and copies it to the device.</summary>
    public void Write(Batch batch)
    {
        batch.Validate();
        for (int i = 0; i < memories.Length; i++)
            memories[i].Write(0, batch.Bytes(i));
    }

    public void Dispose()
    {
        foreach (var memory in memories)
            memory?.Dispose();
        NativeMemory.Free(table);
    }
}
