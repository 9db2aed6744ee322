using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Checkpoints;

public sealed class CheckpointNamesTests : IDisposable
{
    private static readonly WeightInfo[] infos = Layout(
        ("Token.Weight", [5, 4]), ("Blocks.0.Query.Weight", [4, 4]), ("Blocks.0.Key.Weight", [2, 4]), ("Blocks.0.Query.Bias", [4]),
        ("Blocks.0.Key.Bias", [2]), ("Blocks.10.Query.Weight", [4, 4]), ("Blocks.10.Key.Weight", [2, 4]),
        ("Blocks.10.Query.Bias", [4]), ("Blocks.10.Key.Bias", [2]), ("Final.Scale", [4]));

    private readonly TestFolder _folder = new();
    private readonly CpuDevice _device = new(1);

    private static CheckpointNames Fused => new CheckpointNames()
        .Map("Token.Weight", "wte.weight", transposed: true)
        .Map(["Blocks.{i}.Query.Weight", "Blocks.{i}.Key.Weight"], "h.{i}.attn.weight", transposed: true)
        .Map(["Blocks.{i}.Query.Bias", "Blocks.{i}.Key.Bias"], "h.{i}.attn.bias")
        .Ignore("h.{i}.attn.mask");

    public void Dispose()
    {
        _folder.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void FusedAndTransposedTensorsComeApartAndGoTogether()
    {
        string path = _folder.File("x.safetensors");
        using var weights = NewStore(fill: true);
        weights.Save(path, names: Fused);
        using (var file = SafetensorsFile.Open(path))
        {
            Assert.Equal(["Final.Scale", "h.0.attn.bias", "h.0.attn.weight", "h.10.attn.bias", "h.10.attn.weight", "wte.weight"],
                file.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
            Assert.Equal([4L, 6], file.Find("h.10.attn.weight")!.Shape);
            float[] fused = file.ReadSingles(file.Find("h.10.attn.weight")!);
            Assert.Equal(weights["Blocks.10.Query.Weight"][1 * 4 + 3], fused[3 * 6 + 1]);
            Assert.Equal(weights["Blocks.10.Key.Weight"][1 * 4 + 2], fused[2 * 6 + 4 + 1]);
        }
        using var loaded = NewStore(fill: false);
        loaded.Load(path, Fused);
        Assert.All(infos, info => Assert.Equal(weights[info.Name].ToArray(), loaded[info.Name].ToArray()));
    }

    [Fact]
    public void DifferencesAreListedByKind()
    {
        string path = _folder.File("x.safetensors");
        WeightInfo[] other = Layout(("Token.Weight", [6, 4]), ("Surplus", [1]), ("Final.Scale", [4]));
        using (var weights = new WeightStore(other, _device))
            weights.Save(path, [new("model", "Other"), new("hyperparameters", "Vocab=6")]);
        using var store = NewStore(fill: true);
        float[] before = store["Token.Weight"].ToArray();
        string message = Assert.Throws<CheckpointException>(() => store.Load(path)).Message;
        Assert.Contains("Other(Vocab=6)", message);
        Assert.Contains("Missing in the file (8)", message);
        Assert.Contains("Blocks.10.Key.Bias", message);
        Assert.Contains("Not in the model (1):\n    Surplus", message);
        Assert.Contains("Token.Weight: [6, 4] in the file, [5, 4] in the model", message);
        Assert.Equal(before, store["Token.Weight"].ToArray());
    }

    [Fact]
    public void LongListsAreCut()
    {
        string path = _folder.File("x.safetensors");
        using (var none = new WeightStore(Layout(("a", [1])), _device))
            none.Save(path);
        using var many = new WeightStore(Layout([.. Enumerable.Range(0, 100).Select(i => ($"w{i}", (int[])[1]))]), _device);
        string message = Assert.Throws<CheckpointException>(() => many.Load(path)).Message;
        Assert.Contains("(100)", message);
        Assert.Contains("... and 88 more", message);
    }

    [Fact]
    public void IgnoredTensorsMayBeThere()
    {
        string path = _folder.File("x.safetensors");
        SafetensorsWriter.Write(path, [Zeros("a", [1]), Zeros("h.3.attn.mask", [2])], []);
        using var store = new WeightStore(Layout(("a", [1])), _device);
        store.Load(path, Fused);
        Assert.Contains("h.3.attn.mask", Assert.Throws<CheckpointException>(() => store.Load(path)).Message);
    }

    [Fact]
    public void RulesThatCannotBeAreRefused()
    {
        using var store = NewStore(fill: false);
        Assert.Throws<ArgumentException>(() => new CheckpointNames().Map("a.{i", "b"));
        Assert.Contains("no matrix", Refuse(new CheckpointNames().Map("Final.Scale", "x", transposed: true)));
        Assert.Contains("Nothing", Refuse(new CheckpointNames().Map(["Final.Scale", "Nothing"], "x")));
        Assert.Contains("first dimension", Refuse(new CheckpointNames().Map(["Token.Weight", "Final.Scale"], "x")));

        string Refuse(CheckpointNames names) =>
            Assert.Throws<ArgumentException>(() => store.Save(_folder.File("x"), names: names)).Message;
    }

    [Fact]
    public void UnknownWeightsAreNamed()
    {
        using var store = NewStore(fill: false);
        Assert.Contains("no weight named Head", Assert.Throws<KeyNotFoundException>(() => store["Head"].Length).Message);
    }

    private static TensorSource Zeros(string name, long[] shape) => new(name, TensorType.F32, shape, (_, chunk) => chunk.Clear());

    private static WeightInfo[] Layout(params (string Name, int[] Shape)[] weights)
    {
        long offset = 0;
        return [.. weights.Select(weight =>
        {
            var info = new WeightInfo(weight.Name, weight.Shape, offset, Init.Normal, 1, 1, Decay: true);
            offset += info.Count;
            return info;
        })];
    }

    private WeightStore NewStore(bool fill)
    {
        var store = new WeightStore(infos, _device);
        if (fill)
            WeightInitialiser.Fill(store, 1);
        return store;
    }
}
