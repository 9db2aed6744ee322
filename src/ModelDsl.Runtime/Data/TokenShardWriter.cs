using System.Buffers.Binary;

namespace ModelDsl.Runtime;

/// <summary>
/// Writes a token file in our own layout (see <see cref="TokenShard"/>), uint16 where the vocabulary allows it. Until
/// <see cref="Complete"/> the file stands under a temporary name.
/// </summary>
public sealed class TokenShardWriter : IDisposable
{
    private readonly string path, temporary;
    private readonly int vocabulary, width;
    private readonly FileStream stream;
    private readonly byte[] buffer = new byte[1 << 16];
    private int filled;
    private bool completed;

    public TokenShardWriter(string path, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        (this.path, this.vocabulary, width) = (path, vocabulary, vocabulary <= 65536 ? 2 : 4);
        temporary = $"{path}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        stream = new(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1);
        stream.SetLength(TokenShard.HeaderBytes);
        stream.Position = TokenShard.HeaderBytes;
    }

    /// <summary>Tokens written so far.</summary>
    public long Count { get; private set; }

    /// <exception cref="DatasetException">A token is not in the vocabulary.</exception>
    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)vocabulary)
                throw new DatasetException($"{path}: token {Count} is {token}, the vocabulary has {vocabulary}.");
            if (width == 2)
                BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(filled), (ushort)token);
            else
                BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(filled), token);
            filled += width;
            Count++;
            if (filled == buffer.Length)
                Flush();
        }
    }

    /// <summary>Writes the header and gives the file its name.</summary>
    public void Complete()
    {
        Flush();
        Span<byte> header = stackalloc byte[TokenShard.HeaderBytes];
        TokenShard.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], TokenShard.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], width);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], vocabulary);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], Count);
        stream.Position = 0;
        stream.Write(header);
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(temporary, path, overwrite: true);
        completed = true;
    }

    private void Flush()
    {
        stream.Write(buffer, 0, filled);
        filled = 0;
    }

    /// <summary>Drops what was written unless it was completed.</summary>
    public void Dispose()
    {
        stream.Dispose();
        if (!completed)
            File.Delete(temporary);
    }
}
