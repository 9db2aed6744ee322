using System.Buffers.Binary;

namespace ModelDsl.Runtime;

/// <summary>
/// Writes a token file in our own layout (see <see cref="TokenShard"/>), uint16 where the vocabulary allows it. Until
/// <see cref="Complete"/> the file stands under a temporary name.
/// </summary>
public sealed class TokenShardWriter : IDisposable
{
    private readonly string _path, _temporary;
    private readonly int _vocabulary, _width;
    private readonly FileStream _stream;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _filled;
    private bool _ended;

    public TokenShardWriter(string path, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        (_path, _vocabulary, _width) = (path, vocabulary, vocabulary <= 65536 ? 2 : 4);
        _temporary = path + ".tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _stream = new(_temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1);
        _stream.SetLength(TokenShard.HeaderBytes);
        _stream.Position = TokenShard.HeaderBytes;
    }

    /// <summary>Tokens written so far.</summary>
    public long Count { get; private set; }

    /// <exception cref="DatasetException">A token is not in the vocabulary.</exception>
    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)_vocabulary)
                throw new DatasetException($"{_path}: token {Count} is {token}, the vocabulary has {_vocabulary}.");
            if (_width == 2)
                BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_filled), (ushort)token);
            else
                BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_filled), token);
            _filled += _width;
            Count++;
            if (_filled == _buffer.Length)
                Flush();
        }
    }

    /// <summary>Appends a document and the token that ends it.</summary>
    public void AppendDocument(ReadOnlySpan<int> tokens, int endOfDocument)
    {
        Append(tokens);
        Append([endOfDocument]);
    }

    /// <summary>Writes the header and gives the file its name.</summary>
    public void Complete()
    {
        Flush();
        Span<byte> header = stackalloc byte[TokenShard.HeaderBytes];
        TokenShard.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], TokenShard.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], _width);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], _vocabulary);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], Count);
        _stream.Position = 0;
        _stream.Write(header);
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _ended = true;
    }

    private void Flush()
    {
        _stream.Write(_buffer, 0, _filled);
        _filled = 0;
    }

    /// <summary>Drops what was written unless it was completed.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (_ended)
            return;
        _ended = true;
        File.Delete(_temporary);
    }
}
