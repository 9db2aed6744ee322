using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ModelDsl.Runtime;

/// <summary>
/// A safetensors file open for reading: 8 bytes of header length (little-endian), the JSON header, the data
/// (huggingface/safetensors, format 0.4). Data are read on demand; nothing is mapped, so a file that shrinks gives an
/// error and not a fault.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly long _dataStart;
    private readonly Dictionary<string, TensorEntry> _byName;
    private readonly Dictionary<string, ulong>? _sums;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsLimits limits)
    {
        (Path, _handle) = (path, handle);
        long length = RandomAccess.GetLength(handle);
        if (length < 8)
            throw new CheckpointException($"{path}: {length} bytes are too few for a safetensors file.");
        Span<byte> prefix = stackalloc byte[8];
        ReadFully(prefix, 0);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > (ulong)length - 8)
            throw new CheckpointException(
                $"{path}: not a safetensors file, or truncated: it claims a header of {headerBytes} bytes and has {length} in all.");
        if (headerBytes > (ulong)limits.HeaderBytes)
            throw new CheckpointException(
                $"{path}: has a header of {headerBytes} bytes, {limits.HeaderBytes} are allowed ({nameof(SafetensorsLimits)}.{nameof(SafetensorsLimits.HeaderBytes)}).");
        byte[] header = new byte[headerBytes];
        ReadFully(header, 8);
        _dataStart = 8 + (long)headerBytes;
        var (tensors, metadata) = SafetensorsHeader.Parse(header, length - _dataStart, path, limits);
        _sums = SafetensorsChecksums.Take(tensors, metadata, path);
        (Tensors, Metadata) = (tensors, metadata);
        _byName = Tensors.ToDictionary(tensor => tensor.Name);
    }

    public string Path { get; }

    /// <summary>In the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// Whether the file carries checksums, as those that we write do. The header's is checked when the file is opened, a
    /// tensor's when it is read whole.
    /// </summary>
    public bool HasChecksums => _sums is not null;

    /// <param name="limits">Null is the defaults.</param>
    /// <exception cref="CheckpointException">The file is missing, truncated, beyond a limit, or its header lies or was changed.</exception>
    public static SafetensorsFile Open(string path, SafetensorsLimits? limits = null)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: cannot be opened ({error.Message})", error);
        }
        try
        {
            return new(path, handle, limits ?? new());
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The entry of this name, or null.</summary>
    public TensorEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads bytes of a tensor, from <paramref name="offset"/> within it.</summary>
    public void ReadBytes(TensorEntry tensor, long offset, Span<byte> destination)
    {
        if (offset < 0 || offset + destination.Length > tensor.Bytes)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{Path}: tensor '{tensor.Name}' has {tensor.Bytes} bytes.");
        ReadFully(destination, _dataStart + tensor.Offset + offset);
    }

    /// <summary>Takes a tensor's bytes from <paramref name="offset"/> within it.</summary>
    public delegate void ChunkReader(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Reads a tensor whole, in chunks of 256 KiB, and checks its checksum where the file has one.</summary>
    /// <param name="take">Called for every chunk, in order, before the checksum is known.</param>
    /// <exception cref="CheckpointException">The data are not what was written.</exception>
    public void Read(TensorEntry tensor, ChunkReader take)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Checksum.ChunkBytes);
        try
        {
            var sum = new Checksum();
            for (long offset = 0; offset < tensor.Bytes; offset += Checksum.ChunkBytes)
            {
                var chunk = buffer.AsSpan(0, (int)Math.Min(Checksum.ChunkBytes, tensor.Bytes - offset));
                ReadBytes(tensor, offset, chunk);
                if (_sums is not null)
                    sum.Add(chunk);
                take(offset, chunk);
            }
            if (_sums is not null && sum.Value != _sums[tensor.Name])
                throw new CheckpointException(
                    $"{Path}: the data of tensor '{tensor.Name}' are not what was written: the file is damaged or was edited. "
                    + $"Take another copy, or, where the change is meant, delete '{SafetensorsChecksums.Key}' from its metadata.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads every tensor and checks its checksum; without checksums, only that the file can be read to its end.</summary>
    /// <exception cref="CheckpointException">Names the first tensor whose data are not what was written.</exception>
    public void Verify()
    {
        foreach (var tensor in Tensors)
            Read(tensor, (_, _) => { });
    }

    /// <summary>Reads elements of a tensor as float32, from element <paramref name="start"/> on, row-major; unchecked.</summary>
    /// <exception cref="CheckpointException">The dtype has no value in float32.</exception>
    public void ReadSingles(TensorEntry tensor, long start, Span<float> destination)
    {
        int size = ConvertibleSize(tensor);
        byte[] chunk = new byte[Math.Min(Checksum.ChunkBytes, (long)destination.Length * size)];
        while (destination.Length > 0)
        {
            int count = Math.Min(destination.Length, chunk.Length / size);
            ReadBytes(tensor, start * size, chunk.AsSpan(0, count * size));
            TensorConversion.ToSingles(tensor.Type, chunk.AsSpan(0, count * size), destination[..count]);
            start += count;
            destination = destination[count..];
        }
    }

    /// <summary>A whole tensor as float32, checked.</summary>
    /// <exception cref="CheckpointException">The data are not what was written, or the dtype has no value in float32.</exception>
    public float[] ReadSingles(TensorEntry tensor)
    {
        int size = ConvertibleSize(tensor);
        if (tensor.Count > Array.MaxLength)
            throw new CheckpointException($"{Path}: tensor '{tensor.Name}' has {tensor.Count} elements, more than an array holds. Read it in parts.");
        float[] values = new float[tensor.Count];
        Read(tensor, (offset, bytes) =>
            TensorConversion.ToSingles(tensor.Type, bytes, values.AsSpan((int)(offset / size), bytes.Length / size)));
        return values;
    }

    /// <summary>Bytes of an element that can be read as float32.</summary>
    internal int ConvertibleSize(TensorEntry tensor) => TensorConversion.CanConvert(tensor.Type)
        ? tensor.Type.Bits() / 8
        : throw new CheckpointException($"{Path}: tensor '{tensor.Name}' is {tensor.Type.Name()}, which cannot be read as float32.");

    private void ReadFully(Span<byte> destination, long position)
    {
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(_handle, destination, position);
            if (read == 0)
                throw new CheckpointException($"{Path}: the file ends at byte {position}; it was cut while it was read.");
            destination = destination[read..];
            position += read;
        }
    }

    public void Dispose() => _handle.Dispose();
}
