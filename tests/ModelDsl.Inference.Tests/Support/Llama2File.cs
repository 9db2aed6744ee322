using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ModelDsl.Conformance.Tests.Models;

namespace ModelDsl.Inference.Tests.Support;

/// <summary>llama2.c's first layout of a Llama with tied embedding: seven ints of sizes, then the weights by kind, each for all layers.</summary>
internal static class Llama2File
{
    private static readonly string[] Order =
    [
        "Token.Weight", "Blocks.{}.AttentionNorm.Scale",
        "Blocks.{}.Attention.Query.Weight", "Blocks.{}.Attention.Key.Weight", "Blocks.{}.Attention.Value.Weight", "Blocks.{}.Attention.Output.Weight",
        "Blocks.{}.MlpNorm.Scale", "Blocks.{}.Mlp.Gate.Weight", "Blocks.{}.Mlp.Down.Weight", "Blocks.{}.Mlp.Up.Weight", "Final.Scale",
    ];

    public static (Llama Model, WeightStore Weights) Read(string path, Device device)
    {
        byte[] file = File.ReadAllBytes(path);
        int[] sizes = MemoryMarshal.Cast<byte, int>(file.AsSpan(0, 28)).ToArray();
        var model = new Llama(Vocab: sizes[5], Width: sizes[0], Layers: sizes[2], Heads: sizes[3], KeyHeads: sizes[4], HeadWidth: sizes[0] / sizes[3],
            Hidden: sizes[1], Rotary: Rotary.Neighbours, Window: 0, Eps: 1e-5f);
        var weights = new WeightStore(model.CreateProgram().Weights, device);
        var floats = MemoryMarshal.Cast<byte, float>(file.AsSpan(28));
        weights.Write(weights.Find("Head.Weight"), 0, floats[..(model.Vocab * model.Width)]);
        foreach (string name in Order)
            for (int layer = 0; layer < (name.Contains("{}") ? model.Layers : 1); layer++)
            {
                var weight = weights.Find(name.Replace("{}", layer.ToString(CultureInfo.InvariantCulture)));
                weights.Write(weight, 0, floats[..(int)weight.Count]);
                floats = floats[(int)weight.Count..];
            }
        return (model, weights);
    }

    /// <summary>For each token: a score, the length, the text.</summary>
    public static byte[][] Vocabulary(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        reader.ReadInt32(); // the longest
        var pieces = new List<byte[]>();
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            reader.ReadSingle();
            pieces.Add(reader.ReadBytes(reader.ReadInt32()));
        }
        return [.. pieces];
    }

    /// <summary>What a piece stands for: itself, or of "&lt;0x0A&gt;" the byte.</summary>
    public static byte[] Bytes(byte[] piece) => piece.Length == 6 && Encoding.ASCII.GetString(piece) is ['<', '0', 'x', var high, var low, '>']
        ? [byte.Parse($"{high}{low}", NumberStyles.HexNumber, CultureInfo.InvariantCulture)] : piece;
}
