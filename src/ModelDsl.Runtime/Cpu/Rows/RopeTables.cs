using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Cpu;

/// <summary>Keeps the tables of <see cref="RopeTable"/> that a device has been asked for, each made once.</summary>
public static unsafe class RopeTables
{
    private static readonly ConditionalWeakTable<Device, Dictionary<(int Dim, float Theta), (DeviceMemory Memory, int Length)>> Known = [];

    /// <summary>At least [length, dim] floats, on the device for as long as it lives.</summary>
    public static float* For(Device device, int length, int dim, float theta)
    {
        var tables = Known.GetOrCreateValue(device);
        lock (tables)
        {
            if (tables.TryGetValue((dim, theta), out var known) && known.Length >= length) return (float*)known.Memory.Pointer;
            // Room for a growing cache, so that decoding does not come back for every token.
            int rows = Math.Max(length, known.Length * 2);
            var values = new float[(long)rows * dim];
            fixed (float* p = values) RopeTable.Fill(p, rows, dim, theta);
            var memory = device.Allocate(values.Length * (long)sizeof(float));
            memory.Write(0, MemoryMarshal.AsBytes<float>(values));
            tables[(dim, theta)] = (memory, rows);
            return (float*)memory.Pointer;
        }
    }
}
