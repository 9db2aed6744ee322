using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>
/// The weights of a model in one flat block of device memory, found by name; or what is laid out like them (gradients,
/// moments). A trainer and the generators made from it share one store; disposed of while one of them is in a call, it frees
/// its memory when that ends.
/// </summary>
public sealed unsafe class WeightStore : IDisposable
{
    private readonly Dictionary<string, WeightInfo> _byName = [];

    /// <summary>Zeroed room for <paramref name="infos"/>, whose offsets must follow one another without gaps.</summary>
    public WeightStore(IReadOnlyList<WeightInfo> infos, Device device)
    {
        (Infos, Device) = (infos, device);
        foreach (var info in infos)
        {
            if (info.Offset != Count)
                throw new ArgumentException($"Weight {info.Name} begins at {info.Offset}, not where the one before ends ({Count}).");
            if (!_byName.TryAdd(info.Name, info))
                throw new ArgumentException($"Two weights are named {info.Name}.");
            Count += info.Count;
        }
        Memory = device.Allocate(Math.Max(Count, 1) * sizeof(float));
    }

    /// <summary>In the order of the flat buffer.</summary>
    public IReadOnlyList<WeightInfo> Infos { get; }

    /// <summary>The number of parameters.</summary>
    public long Count { get; }

    public Device Device { get; }

    public DeviceMemory Memory { get; }

    /// <summary>The flat buffer, in device memory.</summary>
    public float* Pointer => (float*)Memory.Pointer;

    /// <exception cref="KeyNotFoundException">No weight has this name.</exception>
    public WeightInfo Find(string name) => _byName.TryGetValue(name, out var info)
        ? info
        : throw new KeyNotFoundException($"The model has no weight named {name}. It has {string.Join(", ", Infos.Take(8).Select(i => i.Name))}{(Infos.Count > 8 ? ", ..." : "")}.");

    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>A view of one weight, row-major; only for devices whose memory the host can address.</summary>
    public ReadOnlySpan<float> this[string name]
    {
        get
        {
            var info = Find(name);
            return new(Pointer + info.Offset, checked((int)info.Count));
        }
    }

    /// <summary>Copies elements [<paramref name="start"/>, start + length) of a weight to the host.</summary>
    public void Read(WeightInfo weight, long start, Span<float> values) =>
        Memory.Read((weight.Offset + start) * sizeof(float), MemoryMarshal.AsBytes(values));

    /// <summary>Overwrites elements [<paramref name="start"/>, start + length) of a weight.</summary>
    public void Write(WeightInfo weight, long start, ReadOnlySpan<float> values) =>
        Memory.Write((weight.Offset + start) * sizeof(float), MemoryMarshal.AsBytes(values));

    /// <inheritdoc cref="DeviceMemory.Hold"/>
    internal Lifetime.Use Hold() => Memory.Hold();

    public void Dispose() => Memory.Dispose();
}
