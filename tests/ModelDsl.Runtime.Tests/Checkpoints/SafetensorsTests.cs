using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelDsl.Runtime.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        float[] values = [1, -2.5f, float.Pi, 0, -0f, float.NaN];
        string path = _folder.File("a.safetensors");
        SafetensorsWriter.Write(path,
            [Tensor("matrix \"quoted\" ü", [2, 3], values), Tensor("scalar", [], [7]), Tensor("empty", [0, 4], [])],
            [new("step", "12"), new("note", "line\nbreak")]);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(["empty", "matrix \"quoted\" ü", "scalar"], file.Tensors.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Equal(values, file.ReadSingles(file.Find("matrix \"quoted\" ü")!));
        Assert.Equal([7f], file.ReadSingles(file.Find("scalar")!));
        Assert.Equal([2L, 3L], file.Find("matrix \"quoted\" ü")!.Shape);
        Assert.Equal(0, file.Find("empty")!.Bytes);
        Assert.Equal("12", file.Metadata["step"]);
        Assert.Equal("line\nbreak", file.Metadata["note"]);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path)) % 8);
    }

    [Theory]
    [InlineData("F64", "9A9999999999F13F", 1.1f)]
    [InlineData("F32", "CDCC8C3F", 1.1f)]
    [InlineData("F16", "663C", 1.099609375f)]
    [InlineData("BF16", "8D3F", 1.1015625f)]
    [InlineData("F8_E4M3", "39", 1.125f)]
    [InlineData("F8_E4M3", "7E", 448f)]
    [InlineData("F8_E4M3", "81", -0.001953125f)]
    [InlineData("F8_E4M3", "7F", float.NaN)]
    [InlineData("F8_E5M2", "3C", 1f)]
    [InlineData("F8_E5M2", "7B", 57344f)]
    [InlineData("F8_E5M2", "FC", float.NegativeInfinity)]
    [InlineData("BOOL", "01", 1f)]
    [InlineData("U8", "FF", 255f)]
    [InlineData("I8", "FF", -1f)]
    [InlineData("U16", "FFFF", 65535f)]
    [InlineData("I16", "FEFF", -2f)]
    [InlineData("U32", "00000080", 2147483648f)]
    [InlineData("I32", "00000080", -2147483648f)]
    [InlineData("I64", "FDFFFFFFFFFFFFFF", -3f)]
    [InlineData("U64", "0000000000000080", 9223372036854775808f)]
    public void EveryDtypeHasItsValue(string dtype, string bytes, float expected)
    {
        byte[] data = Convert.FromHexString(bytes);
        string path = Write($$$"""{"x":{"dtype":"{{{dtype}}}","shape":[1],"data_offsets":[0,{{{data.Length}}}]}}""", data);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(expected, file.ReadSingles(file.Tensors[0])[0]);
    }

    [Fact]
    public void ALimitIsTakenAndWhatIsPastItRefused()
    {
        string path = Write("""{"x":{"dtype":"U8","shape":[1,1,1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", [1, 2]);
        long header = BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path));
        var limits = new SafetensorsLimits { HeaderBytes = header, Tensors = 2, Dimensions = 3 };
        SafetensorsFile.Open(path, limits).Dispose();
        Refuse(limits with { HeaderBytes = header - 1 }, $"{header} bytes, {header - 1} are allowed");
        Refuse(limits with { Tensors = 1 }, "more than 1 tensors (SafetensorsLimits.Tensors)");
        Refuse(limits with { Dimensions = 2 }, "tensor 'x' has more than 2 dimensions (SafetensorsLimits.Dimensions)");

        void Refuse(SafetensorsLimits limits, string message) =>
            Assert.Contains(message, Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path, limits)).Message);
    }

    [Theory]
    [InlineData("", 0, "not valid JSON")]
    [InlineData("""{"x":{"dtype":""", 0, "not valid JSON")]
    [InlineData("[]", 0, "StartArray")]
    [InlineData("{} x", 0, "not valid JSON")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "two entries named 'x'")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "two entries named 'a'")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "Number where String")]
    [InlineData("""{"x":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype 'F33'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "F32 [2]")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", 4, "claims bytes 0 to 8 of 4")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "claims bytes 4 to 0")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "natural number")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "natural number")]
    [InlineData("""{"x":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "no number")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "F32 [4611686018427387904, 4]")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""", 4, "lacks")]
    [InlineData("""{"x":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""", 1, "F4 [3]")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "inside the tensor before")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[6,10]}}""", 10, "belong to no tensor")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 9, "the file has 9")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "not valid JSON")]
    public void EveryLieOfTheHeaderIsCaught(string header, int dataBytes, string expected)
    {
        string path = Write(header, new byte[dataBytes]);
        var error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path).Dispose());
        Assert.Contains(expected, error.Message);
        Assert.StartsWith(path, error.Message);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 1 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 127, 1 })]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' })]
    public void AFileThatIsNoneIsRefused(byte[] bytes)
    {
        string path = _folder.File("foreign");
        File.WriteAllBytes(path, bytes);
        Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path).Dispose());
    }

    [Fact]
    public void AMissingFileIsNamed() =>
        Assert.Contains("absent", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(_folder.File("absent"))).Message);

    [Fact]
    public void AFileCutWhileItIsReadGivesAnError()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [Tensor("x", [1024], new float[1024])], []);
        using var file = SafetensorsFile.Open(path);
        using (var cut = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cut.SetLength(1000);
        Assert.Contains("cut while", Assert.Throws<CheckpointException>(() => file.ReadSingles(file.Tensors[0])).Message);
    }

    [Fact]
    public void MutatedFilesNeverFailInAnotherWay()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [Tensor("a", [4, 8], new float[32]), Tensor("b", [3], new float[3])], [new("k", "v")]);
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(1);
        int refused = 0, bound = 1 << 20;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 4000; round++)
        {
            byte[] mutant = whole[..(round % 3 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (int change = random.Next(4); change >= 0 && mutant.Length > 0; change--)
                mutant[random.Next(Math.Min(mutant.Length, round % 2 == 0 ? 8 : 400))] = (byte)random.Next(256);
            File.WriteAllBytes(path, mutant);
            try
            {
                using var file = SafetensorsFile.Open(path);
                foreach (var tensor in file.Tensors.Where(t => t.Type == TensorType.F32))
                    file.ReadSingles(tensor);
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 4000);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 4000, 0, bound);
    }

    [DataFact("formats/tiny-gguf-safetensors/example_data_1.safetensors")]
    public void ReadsRareDtypesOfAnotherWriter()
    {
        using var file = SafetensorsFile.Open(TestData.Path("formats/tiny-gguf-safetensors/example_data_1.safetensors"));
        Assert.Equal(7, file.Tensors.Count);
        Assert.Equal([1L, 2, 3], file.Find("1.b")!.Shape);
        Assert.Empty(file.Find("1.c")!.Shape);
        Assert.All(file.Tensors, tensor => Assert.Equal(tensor.Count, file.ReadSingles(tensor).Length));
        Assert.Equal([123f, 45], file.ReadSingles(file.Find("1.bf16")!));
        Assert.Equal([11f, 256], file.ReadSingles(file.Find("1.float8_e4m3fn")!));
        Assert.Equal([12f, 224], file.ReadSingles(file.Find("1.float8_e5m2")!));
        Assert.Equal([1f, 2, 3], file.ReadSingles(file.Find("1.fancy/name")!));
    }

    [DataFact("formats/burn-multi-layer/multi_layer.safetensors")]
    public void ReadsATrainersFile()
    {
        using var file = SafetensorsFile.Open(TestData.Path("formats/burn-multi-layer/multi_layer.safetensors"));
        Assert.Equal([4L, 3, 3, 3], file.Find("conv1.weight")!.Shape);
        Assert.Equal(TensorType.I64, file.Find("norm1.num_batches_tracked")!.Type);
        Assert.All(file.ReadSingles(file.Find("norm1.running_var")!), value => Assert.True(value > 0));
    }

    private static TensorSource Tensor(string name, long[] shape, float[] values) => new(name, TensorType.F32, shape,
        (offset, chunk) => MemoryMarshal.AsBytes(values.AsSpan()).Slice((int)offset, chunk.Length).CopyTo(chunk));

    private string Write(string header, byte[] data)
    {
        string path = _folder.File("a.safetensors");
        byte[] json = Encoding.UTF8.GetBytes(header), prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        File.WriteAllBytes(path, [.. prefix, .. json, .. data]);
        return path;
    }
}
