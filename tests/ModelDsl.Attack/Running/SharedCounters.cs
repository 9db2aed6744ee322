using System.IO.MemoryMappedFiles;

namespace ModelDsl.Attacks.Running;

/// <summary>Numbers in a file that a worker writes and its supervisor reads, also when the worker has died.</summary>
internal sealed unsafe class SharedCounters : IDisposable
{
    private enum Slot { Current, Accepted, Refused, Failed, Stop, SlowestMicroseconds, Count }

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly long* _values;

    public SharedCounters(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, sizeof(long) * (int)Slot.Count);
        _view = _file.CreateViewAccessor();
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _values = (long*)pointer;
    }

    /// <summary>The number of the case that runs, plus one; 0 before the first.</summary>
    public long Current { get => Get(Slot.Current); set => Set(Slot.Current, value); }

    public long Accepted { get => Get(Slot.Accepted); set => Set(Slot.Accepted, value); }

    public long Refused { get => Get(Slot.Refused); set => Set(Slot.Refused, value); }

    public long Failed { get => Get(Slot.Failed); set => Set(Slot.Failed, value); }

    /// <summary>Processor time of the slowest case.</summary>
    public long SlowestMicroseconds { get => Get(Slot.SlowestMicroseconds); set => Set(Slot.SlowestMicroseconds, value); }

    /// <summary>Asks the worker to end after the case that runs.</summary>
    public bool Stop { get => Get(Slot.Stop) != 0; set => Set(Slot.Stop, value ? 1 : 0); }

    public long Cases => Accepted + Refused + Failed;

    private long Get(Slot slot) => Volatile.Read(ref _values[(int)slot]);

    private void Set(Slot slot, long value) => Volatile.Write(ref _values[(int)slot], value);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
