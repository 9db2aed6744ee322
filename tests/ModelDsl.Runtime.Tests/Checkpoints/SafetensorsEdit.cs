using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace ModelDsl.Runtime.Tests.Checkpoints;

/// <summary>Changes to safetensors files that the writer would not make.</summary>
internal static partial class SafetensorsEdit
{
    /// <summary>Rewrites the JSON header and leaves the data.</summary>
    public static void Header(string path, Func<string, string> edit)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        byte[] header = Encoding.UTF8.GetBytes(edit(Encoding.UTF8.GetString(bytes, 8, length)));
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        File.WriteAllBytes(path, [.. prefix, .. header, .. bytes[(8 + length)..]]);
    }

    public static void DropChecksums(string path) => Header(path, header => Checksums().Replace(header, "", 1));

    /// <summary>As checkpoints were before they had checksums.</summary>
    public static void MakeOld(string path)
    {
        DropChecksums(path);
        Header(path, header => header.Replace("modeldsl.checkpoint.2", "modeldsl.checkpoint.1"));
    }

    /// <summary>Flips the lowest bit of a tensor's byte in the middle.</summary>
    public static void FlipBit(string path, string tensor)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[DataStart(bytes) + Place(path, tensor)] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static long Place(string path, string tensor)
    {
        using var file = SafetensorsFile.Open(path);
        var entry = file.Find(tensor)!;
        return entry.Offset + entry.Bytes / 2;
    }

    private static long DataStart(byte[] bytes) => 8 + BinaryPrimitives.ReadInt64LittleEndian(bytes);

    [GeneratedRegex(""",?"modeldsl\.checksums":"[0-9a-f]*"(?=})""")] // the last of the metadata
    private static partial Regex Checksums();
}
