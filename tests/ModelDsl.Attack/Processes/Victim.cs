using ModelDsl.Attacks.Models;

namespace ModelDsl.Attacks.Processes;

/// <summary>A small training program, to be killed: it trains in a folder, from the checkpoint that is there.</summary>
internal static class Victim
{
    /// <summary>A line that is written before anything of the project runs.</summary>
    public const string Ready = "ready";

    public const int Interrupted = 130, Refused = 1, OutOfMemory = 3;

    private const int Vocabulary = 64;

    /// <summary>Folder, steps, steps from one checkpoint to the next, threads, seed.</summary>
    public static IEnumerable<string> Arguments(string folder, VictimSettings settings) =>
        [folder, $"{settings.Steps}", $"{settings.SaveEvery}", $"{settings.Threads}", $"{settings.Seed}"];

    public static int Run(string[] arguments)
    {
        Console.WriteLine(Ready);
        try
        {
            return Train(arguments[0], new(int.Parse(arguments[1]), int.Parse(arguments[2]), int.Parse(arguments[3]), ulong.Parse(arguments[4])));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DatasetException or InsufficientDeviceMemoryException)
        {
            Console.Error.WriteLine($"error: {error.GetType().Name}: {error.Message}");
            return Running.Refusal.IsOwn(error) ? Refused : -Refused;
        }
        catch (OutOfMemoryException error)
        {
            Console.Error.WriteLine($"error: {error.Message}");
            return OutOfMemory;
        }
    }

    /// <returns>The exit code of a run that ends as it should.</returns>
    public static int Train(string path, VictimSettings settings)
    {
        using var folder = RunFolder.Open(path);
        using var stop = new StopSignals();
        string tokens = folder.File("tokens.bin");
        if (!File.Exists(tokens))
            using (var writer = new TokenShardWriter(tokens, Vocabulary))
            {
                writer.Append(TrainedModels.Tokens(3000, Vocabulary));
                writer.Complete();
            }
        using var device = Device.Cpu(settings.Threads);
        using var data = TokenDataset.Open([tokens]);
        using var trainer = new Trainer(TrainedModels.Small(Vocabulary).CreateProgram(), device, new() { Batch = 2, Length = 16, Seed = settings.Seed });
        if (folder.HasCheckpoint)
            trainer.Resume(path);
        FitResult result;
        using (var log = new MetricsLog(folder.MetricsPath, trainer.CompletedSteps))
            result = trainer.Fit(data, new() { Steps = settings.Steps, SaveEvery = settings.SaveEvery, EvaluateEvery = 7, Folder = path, Stop = stop.Token }, log);
        return result.Stopped ? Interrupted : 0;
    }

    /// <summary>What a run that was never disturbed leaves.</summary>
    public static byte[] Undisturbed(string folder, VictimSettings settings)
    {
        Train(folder, settings);
        byte[] result = Result(folder, settings.Steps);
        Directory.Delete(folder, recursive: true);
        return result;
    }

    /// <summary>The checkpoint's files, one behind the other.</summary>
    /// <exception cref="Running.AttackException">It is not that of the last step, or there is more than one.</exception>
    public static byte[] Result(string folder, long steps)
    {
        string[] states = Directory.GetFiles(folder, "state-*");
        if (states is not [var state] || !Path.GetFileName(state).StartsWith($"state-{steps}-", StringComparison.Ordinal))
            throw new Running.AttackException($"the folder's states at the end: {string.Join(", ", states.Select(Path.GetFileName))}");
        long[] logged = [.. MetricsLog.Read(Path.Combine(folder, "metrics.jsonl")).Select(metrics => metrics.Step)];
        if (!logged.SequenceEqual(Enumerable.Range(1, (int)steps).Select(step => (long)step)))
            throw new Running.AttackException($"the steps of metrics.jsonl at the end: {string.Join(" ", logged)}");
        return [.. File.ReadAllBytes(Trainer.WeightsFile(folder)), .. File.ReadAllBytes(state)];
    }
}

internal sealed record VictimSettings(int Steps, int SaveEvery, int Threads, ulong Seed);
