namespace ModelDsl.Gpu;

/// <summary>Ids on the device, tokens or targets, with which kernels index a table.</summary>
/// <param name="Data">32-bit integers.</param>
/// <param name="Limit">Ids are 0 to Limit - 1.</param>
/// <param name="Flag">
/// One 32-bit integer on the device, initially 0. A kernel that meets another id sets it, and neither reads nor writes
/// the memory that it points to; <see cref="Check"/> reports it.
/// </param>
public readonly record struct GpuIds(GpuPointer Data, int Count, int Limit, GpuPointer Flag)
{
    /// <summary>Waits for the stream and throws if a kernel has met an id out of range; resets the flag.</summary>
    /// <param name="name">The ids' name in the error: "tokens".</param>
    /// <param name="negativeIsNone">Negative ids are in range: targets that do not count.</param>
    /// <exception cref="GpuException">The first such id and its position.</exception>
    public void Check(GpuStream stream, string name, bool negativeIsNone = false)
    {
        Span<int> flag = [0];
        stream.Download(flag, Flag);
        if (flag[0] == 0)
            return;
        stream.Fill(Flag, 0, sizeof(int));
        var ids = new int[Count];
        stream.Download<int>(ids, Data);
        int limit = Limit, position = Array.FindIndex(ids, id => id >= limit || id < 0 && !negativeIsNone);
        string range = $"0 to {Limit - 1}{(negativeIsNone ? ", or negative where it does not count" : "")}";
        throw new GpuException(position < 0
            ? $"A kernel met an id of {name} that was not {range}; {name} have changed since."
            : $"{name}[{position}] is {ids[position]}; it must be {range}.");
    }
}
