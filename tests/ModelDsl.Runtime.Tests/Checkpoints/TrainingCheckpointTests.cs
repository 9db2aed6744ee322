using ModelDsl.Runtime.Cpu;
using ModelDsl.Runtime.Tests.Training;

namespace ModelDsl.Runtime.Tests.Checkpoints;

public sealed class TrainingCheckpointTests : IDisposable
{
    private static readonly TrainerOptions options = new() { Batch = 2, Length = 8 };

    private readonly TestFolder _folder = new();
    private readonly CpuDevice _device = new(1);
    private readonly TokenDataset _data = TrainerTests.Chain(2000);

    public void Dispose()
    {
        _data.Dispose();
        _device.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void AFolderHoldsWeightsAndTheStateTheyName()
    {
        using var trainer = NewTrainer();
        trainer.Step(_data);
        trainer.Save(_folder.Path);
        trainer.Step(_data);
        trainer.Save(_folder.Path);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        using var weights = SafetensorsFile.Open(_folder.File("weights.safetensors"));
        Assert.Equal("2", weights.Metadata["step"]);
        Assert.Equal(("Bigram", "Vocab=11"), (weights.Metadata["model"], weights.Metadata["hyperparameters"]));
        Assert.True(File.Exists(_folder.File(weights.Metadata["state"])));
        Assert.Equal(trainer.Weights["Bias"].ToArray(), weights.ReadSingles(weights.Find("Bias")!));
    }

    [Fact]
    public void TheFilesOfAResumedRunAreThoseOfAnUninterruptedOne()
    {
        using TestFolder whole = new();
        using (var trainer = NewTrainer())
            trainer.Fit(_data, new() { Steps = 6, Folder = whole.Path });
        using (var trainer = NewTrainer())
            trainer.Fit(_data, new() { Steps = 3, Folder = _folder.Path });
        using (var trainer = NewTrainer())
        {
            trainer.Resume(_folder.Path);
            trainer.Fit(_data, new() { Steps = 6, Folder = _folder.Path });
        }
        string[] names = [.. Directory.GetFiles(whole.Path).Select(file => Path.GetFileName(file)!).Order()];
        Assert.Equal(names, Directory.GetFiles(_folder.Path).Select(file => Path.GetFileName(file)).Order());
        foreach (string name in names)
            Assert.Equal(File.ReadAllBytes(whole.File(name)), File.ReadAllBytes(_folder.File(name)));
    }

    [Fact]
    public void ACrashBetweenTheTwoFilesLeavesTheOldPair()
    {
        using var trainer = NewTrainer();
        trainer.Step(_data);
        trainer.Save(_folder.Path);
        byte[] oldWeights = File.ReadAllBytes(_folder.File("weights.safetensors"));
        string oldState = Directory.GetFiles(_folder.Path, "state-*").Single();
        byte[] oldStateBytes = File.ReadAllBytes(oldState);
        trainer.Step(_data);
        trainer.Save(_folder.Path);
        // As a crash before the weights were replaced would leave it: both states, the old weights, a file begun.
        File.WriteAllText(_folder.File("state-x-3.safetensors.tmp"), "half");
        File.WriteAllBytes(_folder.File("weights.safetensors"), oldWeights);
        File.WriteAllBytes(oldState, oldStateBytes);
        using var resumed = NewTrainer();
        resumed.Resume(_folder.Path);
        Assert.Equal(1, resumed.CompletedSteps);
        resumed.Step(_data);
        Assert.Equal(trainer.Weights["Table"].ToArray(), resumed.Weights["Table"].ToArray());
        resumed.Save(_folder.Path);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    [SmallDiskFact]
    public void AFullDiskLeavesTheOldPair()
    {
        // 160 kB of weights, 320 kB of moments: twice the moments fit beside the weights, twice the weights do not.
        using var disk = new SmallDisk(_folder.Path, kilobytes: 900);
        using var trainer = new Trainer(new BigramProgram(200), _device, options);
        trainer.Save(_folder.Path);
        float[] saved = trainer.Weights["Table"].ToArray();
        trainer.Step(_data);
        string message = Assert.Throws<CheckpointException>(() => trainer.Save(_folder.Path)).Message;
        Assert.Contains("weights.safetensors: could not be saved", message);
        Assert.Contains("untouched", message);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        trainer.Resume(_folder.Path);
        Assert.Equal(0, trainer.CompletedSteps);
        Assert.Equal(saved, trainer.Weights["Table"].ToArray());
    }

    [Fact]
    public void FilesThatDoNotBelongTogetherAreRefused()
    {
        using var trainer = NewTrainer();
        trainer.Save(_folder.Path);
        string state = Directory.GetFiles(_folder.Path, "state-*").Single();
        using var other = NewTrainer();
        other.Step(_data);
        using var otherFolder = new TestFolder();
        other.Save(otherFolder.Path);
        File.Copy(Directory.GetFiles(otherFolder.Path, "state-*").Single(), state, overwrite: true);
        Assert.Contains("do not belong together", Refuse(trainer));
        File.Delete(state);
        Assert.Contains(Path.GetFileName(state), Refuse(trainer));
    }

    [Fact]
    public void BareWeightsAreNoTrainingState()
    {
        using var trainer = NewTrainer();
        trainer.Weights.Save(_folder.File("weights.safetensors"));
        Assert.Contains("Weights.Load", Refuse(trainer));
    }

    [Fact]
    public void AnotherModelIsRefusedAndNothingLost()
    {
        using (var trainer = NewTrainer())
            trainer.Save(_folder.Path);
        using var larger = new Trainer(new BigramProgram(12, "Larger"), _device, options);
        float[] before = larger.Weights["Table"].ToArray();
        string message = Refuse(larger);
        Assert.Contains("Bigram(Vocab=11)", message);
        Assert.Contains("Table: [11, 11] in the file, [12, 12] in the model", message);
        Assert.Equal(before, larger.Weights["Table"].ToArray());
    }

    [Fact]
    public void OtherOptionsAreNamedUnlessAllowed()
    {
        using (var trainer = NewTrainer())
            trainer.Save(_folder.Path);
        using var other = new Trainer(new BigramProgram(11), _device, options with { Seed = 2, Schedule = new CosineSchedule(1e-3, 10) });
        string message = Refuse(other);
        Assert.Contains("Seed was 1, is 2", message);
        Assert.Contains("Schedule was Constant(Peak=0.001 WarmupSteps=100), is Cosine(", message);
        other.Resume(_folder.Path, allowChanges: true);
    }

    [Fact]
    public void AnotherTokenizerIsNamedUnlessAllowed()
    {
        using (var trainer = NewTrainer("contract-one"))
            trainer.Save(_folder.Path);
        Assert.Equal("contract-one", WeightFiles.TokenizerOf(_folder.Path));
        Assert.Equal("contract-one", WeightFiles.TokenizerOf(_folder.File("weights.safetensors")));
        using var other = NewTrainer("contract-two");
        other.Step(_data);
        float[] before = other.Weights["Table"].ToArray();
        string message = Refuse(other);
        Assert.Contains(_folder.Path, message);
        Assert.Contains("here contract-two, in the checkpoint contract-one", message);
        Assert.Equal(1, other.CompletedSteps);
        Assert.Equal(before, other.Weights["Table"].ToArray());
        using (var same = NewTrainer("contract-one"))
            same.Resume(_folder.Path);
        other.Resume(_folder.Path, allowChanges: true);
        other.Save(_folder.Path);
        Assert.Equal("contract-two", WeightFiles.TokenizerOf(_folder.Path));
    }

    [Fact]
    public void ATokenizerThatWasRecordedIsNotLost()
    {
        using (var unnamed = NewTrainer())
            unnamed.Save(_folder.Path);
        Assert.Null(WeightFiles.TokenizerOf(_folder.Path));
        using (var named = NewTrainer("contract"))
        {
            named.Resume(_folder.Path);
            named.Save(_folder.Path);
        }
        using var silent = NewTrainer();
        silent.Resume(_folder.Path);
        silent.Step(_data);
        silent.Save(_folder.Path);
        Assert.Equal("contract", WeightFiles.TokenizerOf(_folder.Path));
    }

    [Fact]
    public void OtherDataAreNamedUnlessAllowed()
    {
        using (var trainer = NewTrainer())
        {
            trainer.Step(_data);
            trainer.Save(_folder.Path);
        }
        using var other = TrainerTests.Chain(2001);
        using var resumed = NewTrainer();
        resumed.Resume(_folder.Path);
        Assert.Contains("1800 + 200 tokens", Assert.Throws<DatasetException>(() => resumed.Step(other)).Message);
        resumed.Step(_data);
        resumed.Resume(_folder.Path, allowChanges: true);
        resumed.Step(other);
    }

    [Fact]
    public void ATruncatedFileIsRefused()
    {
        using var trainer = NewTrainer();
        trainer.Save(_folder.Path);
        foreach (string path in Directory.GetFiles(_folder.Path))
        {
            byte[] bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, bytes[..^4]);
            Assert.Contains(path, Refuse(trainer));
            File.WriteAllBytes(path, bytes);
        }
        trainer.Resume(_folder.Path);
    }

    private Trainer NewTrainer(string? tokenizer = null) => new(new BigramProgram(11), _device, options with { Tokenizer = tokenizer });

    private string Refuse(Trainer trainer) => Assert.Throws<CheckpointException>(() => trainer.Resume(_folder.Path)).Message;
}
