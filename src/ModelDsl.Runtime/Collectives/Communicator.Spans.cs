using System.Runtime.CompilerServices;

namespace ModelDsl.Runtime.Collectives;

/// <summary>The calls over host memory as spans; the element type says the rest. Not for communicators of GPUs.</summary>
public abstract unsafe partial class Communicator
{
    /// <inheritdoc cref="AllReduce(void*, long, TensorType, ReduceOperation)"/>
    public void AllReduce<T>(Span<T> values, ReduceOperation operation = ReduceOperation.Sum) where T : unmanaged
    {
        fixed (T* pointer = values)
            AllReduce(pointer, values.Length, HostType<T>(), operation);
    }

    /// <inheritdoc cref="ReduceScatter(void*, void*, long, TensorType, ReduceOperation)"/>
    public void ReduceScatter<T>(ReadOnlySpan<T> source, Span<T> destination, ReduceOperation operation = ReduceOperation.Sum) where T : unmanaged
    {
        CheckParts(source.Length, destination.Length);
        fixed (T* from = source, to = destination)
            ReduceScatter(from, to, destination.Length, HostType<T>(), operation);
    }

    /// <inheritdoc cref="AllGather(void*, void*, long, TensorType)"/>
    public void AllGather<T>(ReadOnlySpan<T> source, Span<T> destination) where T : unmanaged
    {
        CheckParts(destination.Length, source.Length);
        fixed (T* from = source, to = destination)
            AllGather(from, to, source.Length, HostType<T>());
    }

    /// <inheritdoc cref="Broadcast(void*, long, TensorType, int)"/>
    public void Broadcast<T>(Span<T> values, int root = 0) where T : unmanaged
    {
        fixed (T* pointer = values)
            Broadcast(pointer, values.Length, HostType<T>(), root);
    }

    /// <inheritdoc cref="Send(void*, long, TensorType, int)"/>
    /// <remarks>Not in a group: the span could move before the group ends.</remarks>
    public void Send<T>(ReadOnlySpan<T> source, int destination) where T : unmanaged
    {
        CheckNotGrouped();
        fixed (T* pointer = source)
            Send(pointer, source.Length, HostType<T>(), destination);
    }

    /// <inheritdoc cref="Receive(void*, long, TensorType, int)"/>
    /// <remarks>Not in a group: the span could move before the group ends.</remarks>
    public void Receive<T>(Span<T> destination, int source) where T : unmanaged
    {
        CheckNotGrouped();
        fixed (T* pointer = destination)
            Receive(pointer, destination.Length, HostType<T>(), source);
    }

    /// <summary>Whether pointers are to host memory.</summary>
    private protected virtual bool IsHost => true;

    private TensorType HostType<T>() where T : unmanaged
    {
        if (!IsHost)
            throw new NotSupportedException("This communicator moves GPU memory; give it pointers to that.");
        if (typeof(T) == typeof(float)) return TensorType.F32;
        if (typeof(T) == typeof(double)) return TensorType.F64;
        if (typeof(T) == typeof(Half)) return TensorType.F16;
        if (typeof(T) == typeof(int)) return TensorType.I32;
        if (typeof(T) == typeof(long)) return TensorType.I64;
        throw new NotSupportedException($"Ranks exchange float, double, Half, int and long, not {typeof(T).Name}.");
    }

    private void CheckParts(int all, int part, [CallerMemberName] string call = "")
    {
        if (all != (long)part * Size)
            throw new ArgumentException($"{call} over {Size} ranks takes {part} elements a rank and {(long)part * Size} in all, not {all}.");
    }

    private void CheckNotGrouped()
    {
        if (_grouped)
            throw new InvalidOperationException("In a group, give pointers: a span could move before the group ends.");
    }
}
