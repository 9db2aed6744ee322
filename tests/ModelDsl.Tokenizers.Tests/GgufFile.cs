using System.Text;

namespace ModelDsl.Tokenizers.Tests;

/// <summary>Writes the metadata of a GGUF file with keys <c>tokenizer.ggml.*</c> and no tensors.</summary>
internal sealed class GgufFile
{
    private const int TypeInteger = 4, TypeSigned = 5, TypeFloat = 6, TypeText = 8, TypeList = 9;

    private readonly MemoryStream keys = new();
    private readonly BinaryWriter writer;
    private ulong count;

    internal GgufFile() => writer = new BinaryWriter(keys);

    internal GgufFile Text(string key, string value)
    {
        Key(key, TypeText);
        Write(value);
        return this;
    }

    internal GgufFile Integer(string key, uint value)
    {
        Key(key, TypeInteger);
        writer.Write(value);
        return this;
    }

    internal GgufFile Texts(string key, params string[] values) => List(key, TypeText, values, Write);

    internal GgufFile Integers(string key, params int[] values) => List(key, TypeSigned, values, writer.Write);

    internal GgufFile Floats(string key, params float[] values) => List(key, TypeFloat, values, writer.Write);

    /// <summary>A list that claims a length of its own.</summary>
    internal GgufFile Lying(string key, ulong length)
    {
        Key(key, TypeList);
        writer.Write(TypeText);
        writer.Write(length);
        return this;
    }

    internal byte[] Bytes() => [.. "GGUF"u8, 3, 0, 0, 0, .. BitConverter.GetBytes(0UL), .. BitConverter.GetBytes(count), .. keys.ToArray()];

    private GgufFile List<T>(string key, int type, T[] values, Action<T> write)
    {
        Key(key, TypeList);
        writer.Write(type);
        writer.Write((ulong)values.Length);
        foreach (var value in values) write(value);
        return this;
    }

    private void Key(string key, int type)
    {
        count++;
        Write("tokenizer.ggml." + key);
        writer.Write(type);
    }

    private void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
