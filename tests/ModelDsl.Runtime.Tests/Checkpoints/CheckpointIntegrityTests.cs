using System.Text.RegularExpressions;
using ModelDsl.Runtime.Cpu;
using ModelDsl.Runtime.Tests.Training;

namespace ModelDsl.Runtime.Tests.Checkpoints;

/// <summary>A checkpoint that is not what was saved is refused, and so is one of other hyperparameters.</summary>
public sealed class CheckpointIntegrityTests : IDisposable
{
    private static readonly TrainerOptions options = new() { Batch = 2, Length = 8 };

    private readonly TestFolder _folder = new();
    private readonly CpuDevice _device = new(1);
    private readonly TokenDataset _data = TrainerTests.Chain(2000);

    private string WeightsPath => _folder.File("weights.safetensors");

    private string StatePath => Directory.GetFiles(_folder.Path, "state-*").Single();

    public void Dispose()
    {
        _data.Dispose();
        _device.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Table")]
    [InlineData("Bias")]
    public void AFlippedBitOfAWeightIsFound(string tensor)
    {
        Save();
        SafetensorsEdit.FlipBit(WeightsPath, tensor);
        Assert.Contains($"the data of tensor '{tensor}' are not what was written", Refuse());
        using var weights = new WeightStore(new BigramProgram(11).Weights, _device);
        Assert.Contains(tensor, Assert.Throws<CheckpointException>(() => weights.Load(WeightsPath)).Message);
        using var file = SafetensorsFile.Open(WeightsPath);
        Assert.Contains(tensor, Assert.Throws<CheckpointException>(file.Verify).Message);
    }

    [Theory]
    [InlineData("first/Table")]
    [InlineData("second/Bias")]
    public void AFlippedBitOfAMomentIsFound(string tensor)
    {
        Save();
        SafetensorsEdit.FlipBit(StatePath, tensor);
        Assert.Contains($"the data of tensor '{tensor}' are not what was written", Refuse());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SwappedOffsetsOfEqualShapesAreFound(bool old)
    {
        using var trainer = new Trainer(new TwinProgram(), _device, options);
        trainer.Save(_folder.Path);
        if (old)
            foreach (string path in (string[])[WeightsPath, StatePath])
                SafetensorsEdit.MakeOld(path);
        SafetensorsEdit.Header(WeightsPath, header => header.Replace("\"Left\"", "\"?\"").Replace("\"Right\"", "\"Left\"").Replace("\"?\"", "\"Right\""));
        Assert.Contains(old ? "SHA-256" : "tensor 'Left'", Assert.Throws<CheckpointException>(() => trainer.Resume(_folder.Path)).Message);
    }

    [Theory]
    [InlineData("step", "-5")]
    [InlineData("step", "9223372036854775807")]
    [InlineData("step", "1099511627777")]
    [InlineData("step", "1e3")]
    [InlineData("loss.mean", "NaN")]
    [InlineData("loss.first", "-Infinity")]
    [InlineData("loss.variance", "-1")]
    [InlineData("loss.count", "-1")]
    [InlineData("loss.high", "2147483648")]
    public void NumbersThatNoRunHasAreRefused(string key, string value)
    {
        Save();
        var edit = new Regex($"\"{key}\":\"[^\"]*\"");
        foreach (string path in (string[])[WeightsPath, StatePath])
            SafetensorsEdit.Header(path, header => edit.Replace(header, $"\"{key}\":\"{value}\"", 1));
        Assert.Contains("the header (names, shapes or metadata) is not what was written", Refuse());
        foreach (string path in (string[])[WeightsPath, StatePath])
            SafetensorsEdit.MakeOld(path);
        string message = Refuse();
        Assert.Contains(StatePath, message);
        Assert.Contains($"'{key}' is '{value}' and no", message);
    }

    [Fact]
    public void TheLastStepOfAllIsTaken()
    {
        Save();
        foreach (string path in (string[])[WeightsPath, StatePath])
        {
            SafetensorsEdit.MakeOld(path);
            SafetensorsEdit.Header(path, header => header.Replace("\"step\":\"1\"", "\"step\":\"1099511627776\""));
        }
        using var trainer = NewTrainer();
        trainer.Resume(_folder.Path);
        Assert.Equal(1L << 40, trainer.CompletedSteps);
    }

    [Fact]
    public void ACheckpointFromBeforeChecksumsLoadsAndItsWeightsAreCheckedByTheirDigest()
    {
        float[] saved = Save();
        foreach (string path in (string[])[WeightsPath, StatePath])
        {
            SafetensorsEdit.MakeOld(path);
            using var file = SafetensorsFile.Open(path);
            Assert.False(file.HasChecksums);
        }
        using (var trainer = NewTrainer())
        {
            trainer.Resume(_folder.Path);
            Assert.Equal(saved, trainer.Weights["Table"].ToArray());
        }
        SafetensorsEdit.FlipBit(WeightsPath, "Table");
        Assert.Contains("SHA-256", Refuse());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ACheckpointThatHasLostItsChecksumsIsRefused(bool weights)
    {
        Save();
        string path = weights ? WeightsPath : StatePath;
        SafetensorsEdit.DropChecksums(path);
        Assert.StartsWith($"{path}: has no checksums", Refuse());
    }

    [Fact]
    public void TheDigestIsCheckedOnRequest()
    {
        Save();
        foreach (string path in (string[])[WeightsPath, StatePath])
            Rewrite(path, new() { ["digest"] = new string('0', 64) });
        using var trainer = NewTrainer();
        trainer.Resume(_folder.Path);
        Assert.Contains("SHA-256", Assert.Throws<CheckpointException>(() => trainer.Resume(_folder.Path, verify: true)).Message);
    }

    [Fact]
    public void ATrainerThatIsHalfLoadedRefusesAllButAnotherResume()
    {
        Save();
        byte[] whole = File.ReadAllBytes(StatePath);
        SafetensorsEdit.FlipBit(StatePath, "first/Table");
        using var trainer = NewTrainer();
        Assert.Throws<CheckpointException>(() => trainer.Resume(_folder.Path));
        foreach (Action use in (Action[])[() => trainer.Step(_data), () => trainer.Evaluate(_data), () => trainer.Save(_folder.Path)])
            Assert.Contains("failed half-way", Assert.Throws<CheckpointException>(use).Message);
        File.WriteAllBytes(StatePath, whole);
        trainer.Resume(_folder.Path);
        trainer.Step(_data);
    }

    [Fact]
    public void OtherHyperparametersOfEqualShapesAreNamedUnlessAllowed()
    {
        Save();
        using var other = new Trainer(new BigramProgram(11, extra: " Theta=500000 Heads=6"), _device, options);
        string message = Assert.Throws<CheckpointException>(() => other.Resume(_folder.Path)).Message;
        Assert.Contains("(Theta was not there, is 500000; Heads was not there, is 6)", message);
        other.Save(_folder.Path);
        using var third = new Trainer(new BigramProgram(11, extra: " Theta=10000 Heads=6"), _device, options);
        message = Assert.Throws<CheckpointException>(() => third.Resume(_folder.Path)).Message;
        Assert.Contains("(Theta was 500000, is 10000)", message);
        third.Resume(_folder.Path, allowChanges: true);
        using var renamed = new Trainer(new BigramProgram(11, "Bigrams", " Theta=500000 Heads=6"), _device, options);
        message = Assert.Throws<CheckpointException>(() => renamed.Resume(_folder.Path)).Message;
        Assert.Contains("(the model was Bigram, is Bigrams)", message);
    }

    [Fact]
    public void TwoChangedTokensAreFound()
    {
        int[] tokens = [.. Enumerable.Range(0, 100_000).Select(i => i % 11)];
        using var data = TokenDataset.FromTokens(tokens);
        using var trainer = NewTrainer();
        trainer.Step(data);
        trainer.Save(_folder.Path);
        (tokens[777], tokens[778]) = (tokens[778], tokens[777]);
        using var changed = TokenDataset.FromTokens(tokens);
        using var resumed = NewTrainer();
        resumed.Resume(_folder.Path);
        Assert.Contains("was trained on other data", Assert.Throws<DatasetException>(() => resumed.Step(changed)).Message);
    }

    [Fact]
    public void AnOlderFingerprintThatEndsBeforeTheLastFactIsTaken()
    {
        Save();
        string before = "";
        using (var file = SafetensorsFile.Open(StatePath))
            before = file.Metadata["data"];
        Rewrite(StatePath, new() { ["data"] = before[..before.LastIndexOf(", ", StringComparison.Ordinal)] });
        using (var resumed = NewTrainer())
        {
            resumed.Resume(_folder.Path);
            resumed.Step(_data);
        }
        Rewrite(StatePath, new() { ["data"] = before[..^1] });
        using var other = NewTrainer();
        other.Resume(_folder.Path);
        Assert.Throws<DatasetException>(() => other.Step(_data));
    }

    [Fact]
    public void AFileThatIsRearrangedIsWhole()
    {
        float[] saved = Save();
        Rewrite(WeightsPath, [], reverse: true);
        using var trainer = NewTrainer();
        trainer.Resume(_folder.Path);
        Assert.Equal(saved, trainer.Weights["Table"].ToArray());
    }

    /// <summary>Writes a file again, with other metadata where they are given, and with the checksums of what it says.</summary>
    private static void Rewrite(string path, Dictionary<string, string> metadata, bool reverse = false)
    {
        List<TensorSource> tensors = [];
        Dictionary<string, string> all;
        using (var file = SafetensorsFile.Open(path))
        {
            all = file.Metadata.ToDictionary(pair => pair.Key, pair => metadata.GetValueOrDefault(pair.Key, pair.Value));
            foreach (var entry in reverse ? file.Tensors.Reverse() : file.Tensors)
            {
                byte[] bytes = new byte[entry.Bytes];
                file.ReadBytes(entry, 0, bytes);
                tensors.Add(new(entry.Name, entry.Type, entry.Shape, (offset, chunk) => bytes.AsSpan((int)offset, chunk.Length).CopyTo(chunk)));
            }
        }
        SafetensorsWriter.Write(path, tensors, all);
    }

    private float[] Save()
    {
        using var trainer = NewTrainer();
        trainer.Step(_data);
        trainer.Save(_folder.Path);
        return trainer.Weights["Table"].ToArray();
    }

    private Trainer NewTrainer() => new(new BigramProgram(11), _device, options);

    private string Refuse()
    {
        using var trainer = NewTrainer();
        return Assert.Throws<CheckpointException>(() => trainer.Resume(_folder.Path)).Message;
    }

    /// <summary>Two weights of one shape, and nothing else.</summary>
    private sealed class TwinProgram : ModelProgram
    {
        public override string ModelName => "Twin";

        public override string Hyperparameters => "";

        public override IReadOnlyList<WeightInfo> Weights { get; } =
            [new("Left", [3, 3], 0, Init.Normal, 1, 1, Decay: false), new("Right", [3, 3], 9, Init.Normal, 1, 1, Decay: false)];

        public override IReadOnlyList<InputInfo> Inputs => [];

        public override long ScratchBytes(int batch, int length) => 0;

        public override double StepFlops(int batch, int length) => 0;

        public override float Train(Device device, in StepBuffers buffers, bool accumulate, float gradientScale) => 0;

        public override float Evaluate(Device device, in StepBuffers buffers) => 0;
    }
}
