using ModelDsl.Tokenizers;

namespace Examples.TextGpt;

/// <summary>Prepares a run: its folder, settings, tokenizer and tokens. A resumed run finds them in the folder.</summary>
internal static class RunSetup
{
    public const string TokensName = "tokens.bin", TokenizerName = "tokenizer.json";
    public const string DefaultFolder = "out/TextGpt";
    private const long MostTokens = 1 << 22;

    /// <summary>
    /// The given folder; by default a new one, so that nothing is lost, or for a resumed run the last one.
    /// </summary>
    /// <exception cref="CheckpointException">The folder contains a run and none is resumed, or the other way round.</exception>
    public static string ChooseFolder(Settings settings)
    {
        var folders = Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? DefaultFolder : $"{DefaultFolder}-{i}");
        string folder = settings.Out ?? (settings.Resume
            ? folders.TakeWhile(Trainer.HasCheckpoint).LastOrDefault(DefaultFolder)
            : folders.First(name => !Trainer.HasCheckpoint(name)));
        if (settings.Resume && !Trainer.HasCheckpoint(folder))
            throw new CheckpointException($"{folder}: holds no checkpoint to resume from. Leave --resume away, or give the folder of a run with --out.");
        if (!settings.Resume && Trainer.HasCheckpoint(folder))
            throw new CheckpointException($"{folder}: holds {Holds(folder)}. Go on with --resume, or choose another folder with --out.");
        return folder;
    }

    public static (RunDescription Description, Tokenizer Tokenizer) Prepare(RunFolder run, Settings settings)
    {
        var (description, tokenizer) = settings.Resume ? Resume(run, settings) : Begin(run, settings);
        if ((long)description.Batch * description.Length > MostTokens)
            throw new ArgumentException($"{description.Batch} sequences of {description.Length} tokens are more than the {MostTokens:N0} tokens that fit in a step. Take a smaller --batch or --length.");
        return (description, tokenizer);
    }

    private static (RunDescription, Tokenizer) Begin(RunFolder run, Settings settings)
    {
        string data = settings.Data ?? Corpus.Repository();
        var documents = Corpus.Documents(data);
        Console.WriteLine($"learns a vocabulary of {Defaults.Vocabulary:N0} tokens from {data}");
        var tokenizer = Corpus.TrainTokenizer(documents, Defaults.Vocabulary, settings.Threads ?? 0);
        tokenizer.Save(run.File(TokenizerName));
        Corpus.WriteTokens(documents, tokenizer, run.File(TokensName));
        var description = new RunDescription(
            settings.Preset ?? Defaults.Preset, settings.Steps ?? Defaults.Steps, settings.Batch ?? Defaults.Batch,
            settings.Length ?? Defaults.Length, settings.Seed ?? Defaults.Seed, data);
        description.Write(run.File(RunDescription.FileName));
        return (description, tokenizer);
    }

    private static (RunDescription, Tokenizer) Resume(RunFolder run, Settings settings)
    {
        var description = RunDescription.Read(run.File(RunDescription.FileName))
            ?? throw new CheckpointException($"{run.Path}: holds {Holds(run.Path)}, but no {RunDescription.FileName}: this program did not write it.");
        if (settings.Data is { } data && Path.GetFullPath(data) != Path.GetFullPath(description.Data))
            throw new DatasetException($"{run.Path}: was trained on {description.Data}. Resume without --data, or begin another run with --out.");
        var tokenizer = Tokenizer.Load(run.File(TokenizerName));
        TokenizerContract.Check(tokenizer, tokenizer.Vocabulary, WeightFiles.TokenizerOf(run.Path), run.Path);
        description = description with
        {
            Preset = settings.Preset ?? description.Preset,
            Steps = settings.Steps ?? description.Steps,
            Batch = settings.Batch ?? description.Batch,
            Length = settings.Length ?? description.Length,
            Seed = settings.Seed ?? description.Seed,
        };
        return (description, tokenizer);
    }

    /// <summary>A description of a folder's checkpoint.</summary>
    private static string Holds(string folder)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, "weights.safetensors"));
        return file.Metadata.TryGetValue("model", out string? model) && file.Metadata.TryGetValue("step", out string? step)
            ? $"a checkpoint of {model} after step {step}"
            : "weights of another program";
    }
}
