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
    private const int ChunkBytes = 1 << 20;

    private readonly SafeFileHandle _handle;
    private readonly long _dataStart;
    private readonly Dictionary<string, TensorEntry> _byName;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        (Path, _handle) = (path, handle);
        long length = RandomAccess.GetLength(handle);
        if (length < 8)
            throw new CheckpointException($"{path}: {length} bytes are too few for a safetensors file.");
        Span<byte> prefix = stackalloc byte[8];
        ReadFully(prefix, 0);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > (ulong)Math.Min(length - 8, SafetensorsHeader.MaximumBytes))
            throw new CheckpointException(
                $"{path}: not a safetensors file, or truncated: it claims a header of {headerBytes} bytes and has {length} in all.");
        byte[] header = new byte[headerBytes];
        ReadFully(header, 8);
        _dataStart = 8 + (long)headerBytes;
        (Tensors, Metadata) = SafetensorsHeader.Parse(header, length - _dataStart, path);
        _byName = Tensors.ToDictionary(tensor => tensor.Name);
    }

    public string Path { get; }

    /// <summary>In the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="CheckpointException">The file is missing, truncated or its header lies.</exception>
    public static SafetensorsFile Open(string path)
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
            return new(path, handle);
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

    /// <summary>Reads elements of a tensor as float32, from element <paramref name="start"/> on, row-major.</summary>
    /// <exception cref="CheckpointException">The dtype has no value in float32.</exception>
    public void ReadSingles(TensorEntry tensor, long start, Span<float> destination)
    {
        if (!TensorConversion.CanConvert(tensor.Type))
            throw new CheckpointException($"{Path}: tensor '{tensor.Name}' is {tensor.Type.Name()}, which cannot be read as float32.");
        int size = tensor.Type.Bits() / 8;
        byte[] chunk = new byte[Math.Min(ChunkBytes, (long)destination.Length * size)];
        while (destination.Length > 0)
        {
            int count = Math.Min(destination.Length, chunk.Length / size);
            ReadBytes(tensor, start * size, chunk.AsSpan(0, count * size));
            TensorConversion.ToSingles(tensor.Type, chunk.AsSpan(0, count * size), destination[..count]);
            start += count;
            destination = destination[count..];
        }
    }

    /// <summary>A whole tensor as float32.</summary>
    public float[] ReadSingles(TensorEntry tensor)
    {
        float[] values = new float[tensor.Count];
        ReadSingles(tensor, 0, values);
        return values;
    }

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
