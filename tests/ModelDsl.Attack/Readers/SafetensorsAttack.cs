using ModelDsl.Attacks.Mutation;

namespace ModelDsl.Attacks.Readers;

/// <summary>Any file as safetensors: opened, and all of its tensors read.</summary>
internal sealed class SafetensorsAttack : ReaderAttack
{
    private static readonly string[] s_words =
    [
        "\"F32\"", "\"BF16\"", "\"F8_E4M3\"", "\"I64\"", "\"dtype\":", "\"shape\":[", "\"data_offsets\":[0,8]", "\"__metadata__\":{", "[", "{", "}", ",", "\"\\ud800\"", "{\"a\":",
    ];

    private readonly ByteMutator _mutator = new(
        [
            Build(("a", TensorType.F32, [2, 3])), Build(("b", TensorType.BF16, [4]), ("c", TensorType.I64, [0]), ("d", TensorType.F16, [1, 1, 2])),
            Build(), Build(("weights.0.scale", TensorType.U8, [7]), ("weights.1.scale", TensorType.F64, [3])),
        ], s_words);

    public override string Name => "safetensors";

    public override string Description => "mutated safetensors files, all tensors read";

    public override string Extension => "safetensors";

    public override byte[] Create(Random random) => _mutator.Next(random);

    protected override void Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (var tensor in file.Tensors)
            try
            {
                file.ReadSingles(tensor);
            }
            catch (CheckpointException)
            {
                // a dtype that has no value in float32
            }
    }

    private static byte[] Build(params (string Name, TensorType Type, long[] Shape)[] tensors)
    {
        var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream, [.. tensors.Select(tensor => new TensorSource(tensor.Name, tensor.Type, tensor.Shape, (offset, chunk) => chunk.Fill((byte)(offset + 1))))],
            [new("model", "Some"), new("step", "3")]);
        return stream.ToArray();
    }
}
