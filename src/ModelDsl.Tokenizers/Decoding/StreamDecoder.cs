using System.Buffers;
using System.Text;

namespace ModelDsl.Tokenizers.Decoding;

/// <summary>
/// Turns ids into text as they come, and holds back the bytes of a character until it is whole.
/// </summary>
public sealed class StreamDecoder
{
    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecial;
    private byte[] pending = new byte[64];
    private int count;
    private bool first = true;

    internal StreamDecoder(Tokenizer tokenizer, bool skipSpecial) => (this.tokenizer, this.skipSpecial) = (tokenizer, skipSpecial);

    /// <summary>The text that is certain after this id: empty while a character is unfinished.</summary>
    /// <inheritdoc cref="Tokenizer.Bytes"/>
    public string Push(int id)
    {
        var bytes = tokenizer.Bytes(id, first);
        if (skipSpecial && tokenizer.IsSpecial(id)) return "";
        first = false;
        if (count + bytes.Length > pending.Length) Array.Resize(ref pending, 2 * (count + bytes.Length));
        bytes.CopyTo(pending.AsSpan(count));
        count += bytes.Length;
        return Take(count - UnfinishedLength(pending.AsSpan(0, count)));
    }

    /// <summary>What is left at the end of the text: a character cut short becomes U+FFFD.</summary>
    public string Finish() => Take(count);

    private string Take(int length)
    {
        string text = Encoding.UTF8.GetString(pending, 0, length);
        pending.AsSpan(length, count - length).CopyTo(pending);
        count -= length;
        return text;
    }

    // How many bytes at the end are the beginning of a character that may still be completed.
    private static int UnfinishedLength(ReadOnlySpan<byte> bytes)
    {
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            if ((bytes[^length] & 0xC0) == 0x80) continue;
            return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
        }
        return 0;
    }
}
