using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelDsl.Runtime;

/// <summary>
/// Tokens in a file or in an array. A file is read on demand and never mapped, so that one that is cut while it is in use
/// gives an error and not a fault. Three layouts of files are told apart by how they begin:
/// <list type="bullet">
/// <item>ours: "MDTOKENS", int32 version 1, int32 bytes a token (2 or 4), int64 vocabulary, int64 count, the tokens;</item>
/// <item>llm.c: 256 int32 with magic 20240520 (uint16) or 20240801 (uint32), version, count; the tokens;</item>
/// <item>raw: uint16 tokens and nothing else, as nanoGPT writes them.</item>
/// </list>
/// All little-endian.
/// </summary>
public sealed class TokenShard : IDisposable
{
    internal const int HeaderBytes = 32, Version = 1;
    internal static ReadOnlySpan<byte> Magic => "MDTOKENS"u8;

    private const int ForeignHeaderBytes = 1024, ForeignMagic16 = 20240520, ForeignMagic32 = 20240801;

    private readonly SafeFileHandle? _file;
    private readonly int[]? _array;
    private readonly int _width = 4;

    private TokenShard(string path)
    {
        Name = path;
        _file = File.OpenHandle(path);
        try
        {
            long length = RandomAccess.GetLength(_file);
            if (length == 0)
                throw new DatasetException($"{path}: the file is empty.");
            byte[] head = new byte[Math.Min(length, ForeignHeaderBytes)];
            ReadFully(head, 0);
            (DataStart, _width, Count, Vocabulary) = ReadHeader(path, head, length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private TokenShard(int[] tokens, string name) => (_array, Name, Count) = (tokens, name, tokens.Length);

    /// <summary>The path, or what an array is called in messages.</summary>
    public string Name { get; }

    /// <summary>The number of tokens.</summary>
    public long Count { get; }

    /// <summary>The size of the vocabulary that the writer had, 0 where the layout does not say.</summary>
    public long Vocabulary { get; }

    private long DataStart { get; }

    /// <exception cref="DatasetException">The file is missing, empty, truncated or lies about its length.</exception>
    public static TokenShard Open(string path)
    {
        try
        {
            return new(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DatasetException($"{path}: cannot be opened ({error.Message})", error);
        }
    }

    /// <summary>Tokens that are in memory already; <paramref name="name"/> stands for a path in messages.</summary>
    public static TokenShard FromArray(int[] tokens, string name = "tokens") => new(tokens, name);

    /// <summary>Copies tokens [<paramref name="start"/>, start + length).</summary>
    /// <exception cref="DatasetException">
    /// A token is not in [0, <paramref name="limit"/>), or the file has become shorter; names the file and the place.
    /// </exception>
    public void Read(long start, Span<int> tokens, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + tokens.Length, Count);
        if (_array is not null)
            _array.AsSpan((int)start, tokens.Length).CopyTo(tokens);
        else
            ReadFile(start, tokens);
        for (int i = 0; i < tokens.Length; i++)
            if ((uint)tokens[i] >= (uint)limit)
                throw Foreign(start + i, tokens[i], limit);
    }

    private void ReadFile(long start, Span<int> tokens)
    {
        var bytes = MemoryMarshal.AsBytes(tokens);
        var stored = bytes[^(tokens.Length * _width)..];
        ReadFully(stored, DataStart + start * _width);
        if (_width == 2)
            Widen(MemoryMarshal.Cast<byte, ushort>(stored), tokens);
    }

    /// <summary>The source is the destination's second half: what is written has been read.</summary>
    private static void Widen(ReadOnlySpan<ushort> source, Span<int> destination)
    {
        for (int i = 0; i < destination.Length; i++)
            destination[i] = source[i];
    }

    private void ReadFully(Span<byte> destination, long position)
    {
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(_file!, destination, position);
            if (read == 0)
                throw new DatasetException($"{Name}: the file ends at byte {position}; it was cut while it was in use. Write it again, and resume from the last checkpoint.");
            destination = destination[read..];
            position += read;
        }
    }

    private DatasetException Foreign(long index, int token, int limit)
    {
        string place = _array is null ? $"token {index} (byte {DataStart + index * _width})" : $"token {index}";
        return new($"{Name}: {place} is {(_array is null ? (uint)token : token)}, the model's vocabulary has {limit}. Was it written with another tokenizer?");
    }

    private static (long DataStart, int Width, long Count, long Vocabulary) ReadHeader(string path, ReadOnlySpan<byte> head, long length)
    {
        if (head.StartsWith(Magic))
            return ReadOwnHeader(path, head, length);
        int magic = head.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(head) : 0;
        if (head.Length == ForeignHeaderBytes && magic is ForeignMagic16 or ForeignMagic32)
        {
            int width = magic == ForeignMagic16 ? 2 : 4;
            long count = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
            CheckLength(path, ForeignHeaderBytes, width, count, length);
            return (ForeignHeaderBytes, width, count, 0);
        }
        if (length % 2 != 0)
            throw new DatasetException($"{path}: {length} bytes are no whole number of uint16 tokens, and there is no header that says otherwise.");
        return (0, 2, length / 2, 0);
    }

    private static (long, int, long, long) ReadOwnHeader(string path, ReadOnlySpan<byte> head, long length)
    {
        if (head.Length < HeaderBytes)
            throw new DatasetException($"{path}: the header is cut off after {length} bytes.");
        int version = BinaryPrimitives.ReadInt32LittleEndian(head[8..]), width = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
        long vocabulary = BinaryPrimitives.ReadInt64LittleEndian(head[16..]), count = BinaryPrimitives.ReadInt64LittleEndian(head[24..]);
        if (version != Version)
            throw new DatasetException($"{path}: token file of version {version} (byte 8); this build reads version {Version}.");
        if (width is not (2 or 4))
            throw new DatasetException($"{path}: claims {width} bytes a token (byte 12); 2 or 4 are possible.");
        CheckLength(path, HeaderBytes, width, count, length);
        return (HeaderBytes, width, count, vocabulary);
    }

    private static void CheckLength(string path, long start, int width, long count, long length)
    {
        if (count < 0 || count != (length - start) / width || (length - start) % width != 0)
            throw new DatasetException(
                $"{path}: the header says {count} tokens of {width} bytes, the file has {Math.Max(0, length - start)} bytes for them; it is truncated or no token file.");
    }

    public void Dispose() => _file?.Dispose();
}
