using System.Runtime.InteropServices;
using System.Text.Json;
using ModelDsl.Runtime;
using ModelDsl.Tokenizers;
using ModelDsl.Tokenizers.Training;

namespace ModelDsl.Examples.Tests;

/// <summary>The first example from its command line: what it leaves, that it goes on exactly, and what it says of mistakes.</summary>
public sealed partial class TextGptTests : IDisposable
{
    private static readonly string[] Small = ["--preset", "tiny", "--batch", "2", "--length", "32"];

    private readonly TestFolder _folder = new();
    private readonly string _text;

    public TextGptTests() => _text = _folder.Write("text.txt", string.Concat(
        Enumerable.Range(1, 1500).Select(i => $"{i} bottles stand on the wall, take {i % 7} down, and {i - i % 7} are left.\n")));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ARunLeavesWhatItSays()
    {
        var ended = await Train("run", ["--steps", "3"]);
        Assert.Equal((0, ""), (ended.Code, ended.Errors));
        Assert.Contains("step 3/3", ended.Output);
        Assert.Contains("validation", ended.Output);
        Assert.Contains($"Everything is in {_folder.File("run")}", ended.Output);
        foreach (string name in (string[])["weights.safetensors", "tokenizer.json", "run.json", "loss.svg", "metrics.jsonl"])
            Assert.True(new FileInfo(_folder.File($"run/{name}")).Length > 0, name);
        Assert.Single(Directory.GetFiles(_folder.File("run/tensorboard")));
        var lines = File.ReadAllLines(_folder.File("run/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal([1, 2, 3], lines.Select(line => line.GetProperty("step").GetInt32()));
        Assert.All(lines, line => Assert.True(line.GetProperty("loss").GetDouble() > 0 && line.GetProperty("tokens_per_second").GetDouble() > 0));
        Assert.StartsWith("<svg", File.ReadAllText(_folder.File("run/loss.svg")));
    }

    [Fact]
    public async Task AResumedRunHasTheWeightsOfAnUninterruptedOne()
    {
        Assert.Equal(0, (await Train("whole", ["--steps", "20", "--threads", "2"])).Code);
        Assert.Equal(0, (await Train("half", ["--steps", "10", "--threads", "1"])).Code);
        Assert.NotEqual(File.ReadAllBytes(_folder.File("whole/weights.safetensors")), File.ReadAllBytes(_folder.File("half/weights.safetensors")));
        var ended = await Run("--resume", "--out", "half", "--steps", "20");
        Assert.Equal((0, ""), (ended.Code, ended.Errors));
        Assert.Equal(File.ReadAllBytes(_folder.File("whole/weights.safetensors")), File.ReadAllBytes(_folder.File("half/weights.safetensors")));
        Assert.Equal(20, File.ReadAllLines(_folder.File("half/metrics.jsonl")).Length);
    }

    [Fact]
    public async Task AnInterruptedRunSaves()
    {
        var run = Programs.StartTextGpt(_folder.Path, ["--data", _text, "--out", "run", "--steps", "1000000", .. Small]);
        string metrics = _folder.File("run/metrics.jsonl");
        while (!run.HasExited && !(File.Exists(metrics) && new FileInfo(metrics).Length > 0))
            await Task.Delay(50);
        Assert.Equal(0, Kill(run.Id, Interrupt));
        var ended = await run.End();
        Assert.Equal((130, ""), (ended.Code, ended.Errors));
        Assert.Contains("--resume", ended.Output);
        int steps = File.ReadAllLines(metrics).Length;
        using (var weights = SafetensorsFile.Open(_folder.File("run/weights.safetensors")))
            Assert.Equal($"{steps}", weights.Metadata["step"]);
        Assert.Equal(0, (await Run("--resume", "--out", "run", "--steps", $"{steps + 1}")).Code);
    }

    [Fact]
    public async Task ASignalEndsThePreparationOfData()
    {
        var random = new Random(1);
        using (var text = new StreamWriter(_folder.File("large.txt")))
            for (int line = 0; line < 1 << 20; line++)
                text.WriteLine($"{random.NextInt64():x} {random.NextInt64():x} {random.NextInt64():x}"); // 50 MB of different words
        var run = Programs.StartTextGpt(_folder.Path, ["--data", "large.txt", "--out", "run", .. Small]);
        Assert.StartsWith("learns a vocabulary", await run.StandardOutput.ReadLineAsync());
        Assert.Equal(0, Kill(run.Id, Terminate));
        var ended = await run.End();
        Assert.Equal((128 + Terminate, "", ""), (ended.Code, ended.Output, ended.Errors));
        Assert.False(File.Exists(_folder.File("run/tokens.bin")));
        Assert.Equal(0, (await Train("run", ["--steps", "1"])).Code); // and the folder is free
    }

    [Fact]
    public async Task LinksToFoldersAreNotFollowed()
    {
        Directory.CreateDirectory(_folder.File("texts/inner"));
        File.Copy(_text, _folder.File("texts/inner/text.txt"));
        Directory.CreateSymbolicLink(_folder.File("texts/inner/back"), _folder.File("texts"));
        var ended = await Run("--data", "texts", "--out", "run", "--steps", "1", Small[0], Small[1], Small[2], Small[3], Small[4], Small[5]);
        Assert.Equal((0, ""), (ended.Code, ended.Errors));
    }

    [Theory]
    [InlineData(1L << 30, false)]
    [InlineData((1L << 30) + 1, true)]
    public async Task ADocumentBeyondTheLimitIsNamed(long bytes, bool refused)
    {
        Directory.CreateDirectory(_folder.File("texts"));
        using (var file = new FileStream(_folder.File("texts/large.txt"), FileMode.Create))
            file.SetLength(bytes); // takes no room on the disk
        string message = $"large.txt: has {bytes:N0} bytes, a document may have 1,073,741,824";
        var run = Programs.StartTextGpt(_folder.Path, ["--data", "texts", "--out", "run", .. Small]);
        if (!refused)
        {
            Assert.StartsWith("learns a vocabulary", await run.StandardOutput.ReadLineAsync());
            run.Kill();
        }
        var ended = await run.End();
        Assert.Equal(refused, ended.Errors.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task HelpHasExamples()
    {
        var ended = await Run("--help");
        Assert.Equal((0, ""), (ended.Code, ended.Errors));
        foreach (string option in (string[])["--data", "--out", "--steps", "--batch", "--length", "--seed", "--threads", "--resume", "--preset", "Examples:"])
            Assert.Contains(option, ended.Output);
    }

    [Theory]
    [InlineData("--data", "nowhere.txt", "nowhere.txt: there is no such file or folder")]
    [InlineData("--data", "empty.txt", "the file is empty")]
    [InlineData("--data", "tiny.txt", "too few for sequences of 256")]
    [InlineData("--resume", "", "holds no checkpoint to resume from")]
    [InlineData("--steps", "none", "--steps takes a number from 1 to 2147483647, not 'none'")]
    [InlineData("--batch", "0", "--batch takes a number from 1 to 1048576, not '0'")]
    [InlineData("--threads", "-1", "--threads takes a number from 1 to 1024, not '-1'")]
    [InlineData("--speed", "9", "There is no option '--speed'")]
    [InlineData("--preset", "huge", "--preset takes tiny, small, medium, large, not 'huge'")]
    public async Task AMistakeIsTold(string option, string value, string message)
    {
        _folder.Write("empty.txt", "");
        _folder.Write("tiny.txt", "A few words.");
        await Fails(message, value.Length > 0 ? [option, value, "--out", "run"] : [option, "--out", "run"]);
        Assert.False(Trainer.HasCheckpoint(_folder.File("run")));
    }

    [Fact]
    public async Task ARunIsNotWrittenOver()
    {
        Assert.Equal(0, (await Train("run", ["--steps", "1"])).Code);
        byte[] weights = File.ReadAllBytes(_folder.File("run/weights.safetensors"));
        await Fails("holds a checkpoint of TextGpt after step 1", ["--data", _text, "--out", "run", "--steps", "2"]);
        await Fails("Blocks.0.Attention.Query.Weight: [96, 96] in the file, [192, 192] in the model", ["--resume", "--out", "run", "--preset", "small"]);
        await Fails("Batch was 2, is 3", ["--resume", "--out", "run", "--batch", "3"]);
        await Fails("was trained on", ["--resume", "--out", "run", "--data", "other.txt"]);
        using (RunFolder.Open(_folder.File("run")))
            await Fails("is in use by another run (process", ["--resume", "--out", "run"]);
        Assert.Equal(weights, File.ReadAllBytes(_folder.File("run/weights.safetensors")));
    }

    [Fact]
    public async Task AnotherTokenizerIsRefused()
    {
        Assert.Equal(0, (await Train("run", ["--steps", "1"])).Code);
        string recorded = Assert.IsType<string>(WeightFiles.TokenizerOf(_folder.File("run"))), path = _folder.File("run/tokenizer.json");
        Assert.Equal(Tokenizer.Load(path).Contract, recorded);
        var other = BpeTrainer.Train("some other text"u8, new() { Vocabulary = 260, SpecialTokens = ["<|endoftext|>"] });
        other.Save(path);
        await Fails($"was trained with the tokenizer {recorded[..16]}, and this one is {other.Contract[..16]}", ["--resume", "--out", "run", "--steps", "2"]);
    }

    [Fact]
    public async Task AnotherModelsCheckpointIsRefused()
    {
        Directory.CreateDirectory(_folder.File("run"));
        SafetensorsWriter.Write(_folder.File("run/weights.safetensors"), [], [new("model", "Classifier"), new("step", "7")]);
        await Fails("holds a checkpoint of Classifier after step 7", ["--data", _text, "--out", "run"]);
        await Fails("holds a checkpoint of Classifier after step 7", ["--resume", "--out", "run"]);
    }

    private Task<Ended> Train(string output, string[] more) => Run(["--data", _text, "--out", output, .. Small, .. more]);

    private Task<Ended> Run(params string[] arguments) => Programs.StartTextGpt(_folder.Path, arguments).End();

    private async Task Fails(string message, string[] arguments)
    {
        var ended = await Run(arguments);
        Assert.Equal(1, ended.Code);
        Assert.Contains(message, ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors);
    }

    private const int Interrupt = 2, Terminate = 15;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
