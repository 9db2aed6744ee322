using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelDsl.Tokenizers.Definitions;

/// <summary>The file tokenizer.json, as Hugging Face's tokenizers read and write it.</summary>
public static class TokenizerJson
{
    /// <summary>Reads a definition.</summary>
    /// <param name="source">The file's name, for messages.</param>
    /// <exception cref="InvalidDataException">The file is malformed or contradicts itself; the message names the place.</exception>
    /// <exception cref="NotSupportedException">A component, named in the message, is not supported.</exception>
    public static TokenizerDefinition Read(ReadOnlyMemory<byte> json, string source) => new TokenizerJsonReader(source).Read(json);

    /// <summary>Writes a definition; the file is complete or not there.</summary>
    public static void Save(TokenizerDefinition definition, string path)
    {
        string partial = path + ".partial";
        File.WriteAllBytes(partial, Write(definition));
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>The bytes of a tokenizer.json; equal definitions give equal bytes.</summary>
    public static byte[] Write(TokenizerDefinition definition)
    {
        var output = new ArrayBufferWriter<byte>(1 << 20);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true }))
            new TokenizerJsonWriter(json).Write(definition);
        return output.WrittenSpan.ToArray();
    }
}
