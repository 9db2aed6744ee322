using System.Globalization;
using System.Security.Cryptography;

namespace ModelDsl.Runtime;

/// <summary>
/// A folder from which training goes on: "weights.safetensors" and, named in its metadata, the state file of the same
/// step (both moments, step, options, the divergence detector's memory). The data order and the random numbers of a step
/// are functions of the seed and the step, so they need no more than those two.
/// </summary>
/// <remarks>
/// The state file is written under a name of its own first, the weights are then replaced, and only after that are the
/// older state files deleted: replacing the weights is the moment of commitment, and at every moment before and after it
/// the weights name a state file that is there. The name has the step and a digest of the weights, so that states of two
/// runs are not taken for one another, and both files are a function of what is in them. Both carry checksums, which are
/// checked as they are read; of checkpoints from before there were any, the digest (SHA-256) of the weights is.
/// </remarks>
internal static class TrainingCheckpoint
{
    public const string WeightsName = "weights.safetensors", TokenizerKey = "tokenizer";
    private const string Format = "modeldsl.checkpoint.2", FormatWithoutChecksums = "modeldsl.checkpoint.1";
    private const string StatePrefix = "state-", StateSuffix = ".safetensors";
    private const string FirstPrefix = "first/", SecondPrefix = "second/", OptionPrefix = "option.";

    /// <summary>Steps beyond it are a damaged number: at a thousand a second they take 35 years.</summary>
    public const long MostSteps = 1L << 40;

    /// <summary>What a checkpoint holds besides tensors.</summary>
    /// <param name="Tokenizer">The contract of the tokenizer, with the weights; null where none was named.</param>
    public sealed record Header(
        string Model, string Hyperparameters, long Step, string Data, DivergenceDetector.Memory Losses,
        IReadOnlyList<(string Name, string Value)> Options, string? Tokenizer);

    public static void Save(string folder, Header header, WeightStore weights, AdamWState optimizer)
    {
        string digest = Digest(weights), state = $"{StatePrefix}{header.Step}-{digest[..16]}{StateSuffix}";
        List<KeyValuePair<string, string>> common =
        [
            new("format", Format), new(Hyperparameters.ModelKey, header.Model), new(Hyperparameters.Key, header.Hyperparameters),
            new("step", Text(header.Step)), new("digest", digest),
        ];
        List<TensorSource> moments =
        [
            .. weights.Infos.Select(info => WeightFiles.Source(optimizer.First, info, FirstPrefix + info.Name)),
            .. weights.Infos.Select(info => WeightFiles.Source(optimizer.Second, info, SecondPrefix + info.Name)),
        ];
        SafetensorsWriter.Write(Path.Combine(folder, state), moments,
        [
            .. common,
            .. header.Options.Select(option => KeyValuePair.Create(OptionPrefix + option.Name, option.Value)),
            new("data", header.Data), new("loss.first", Text(header.Losses.First)), new("loss.mean", Text(header.Losses.Mean)), new("loss.variance", Text(header.Losses.Variance)),
            new("loss.count", Text(header.Losses.Count)), new("loss.high", Text(header.Losses.High)),
        ]);
        try
        {
            List<KeyValuePair<string, string>> metadata = [.. common, new("state", state)];
            if (header.Tokenizer is not null)
                metadata.Add(new(TokenizerKey, header.Tokenizer));
            weights.Save(Path.Combine(folder, WeightsName), metadata);
        }
        catch
        {
            DeleteStates(folder, except: StateNamedBy(Path.Combine(folder, WeightsName)));
            throw;
        }
        DeleteStates(folder, except: state);
    }

    /// <param name="accept">May refuse by throwing; nothing is overwritten before it returns.</param>
    /// <param name="verify">Whether the digest of the weights is checked though the files have checksums.</param>
    public static Header Load(string folder, WeightStore weights, AdamWState optimizer, bool verify, Action<Header> accept)
    {
        using var weightsFile = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
        string stateName = Get(weightsFile, "state");
        if (stateName != Path.GetFileName(stateName))
            throw new CheckpointException($"{weightsFile.Path}: names a state file outside its folder: '{stateName}'.");
        using var state = SafetensorsFile.Open(Path.Combine(folder, stateName));
        foreach (string key in (string[])["format", "step", "digest"])
            if (Get(state, key) != Get(weightsFile, key))
                throw new CheckpointException(
                    $"{folder}: {WeightsName} and {stateName} do not belong together: {key} is {Get(weightsFile, key)} and {Get(state, key)}.");
        CheckFormat(weightsFile, state);
        WeightFiles.Check(weights, weightsFile);
        CheckMoments(state, weights);
        var header = ReadHeader(state, weightsFile.Metadata.GetValueOrDefault(TokenizerKey));
        accept(header);
        weights.Load(weightsFile);
        foreach (var info in weights.Infos)
        {
            ReadMoment(state, FirstPrefix, info, optimizer.First);
            ReadMoment(state, SecondPrefix, info, optimizer.Second);
        }
        if ((verify || !weightsFile.HasChecksums) && Digest(weights) != Get(weightsFile, "digest"))
            throw new CheckpointException(
                $"{weightsFile.Path}: the weights are not those that were saved (their SHA-256 differs): the file is damaged or was edited.");
        return header;
    }

    private static void CheckFormat(params ReadOnlySpan<SafetensorsFile> files)
    {
        foreach (var file in files)
        {
            string format = Get(file, "format");
            if (format is not (Format or FormatWithoutChecksums))
                throw new CheckpointException($"{file.Path}: has the format '{format}', this build reads '{Format}' and '{FormatWithoutChecksums}'.");
            if (format == Format && !file.HasChecksums)
                throw new CheckpointException(
                    $"{file.Path}: has no checksums, which it was written with: the file is damaged or was edited. Its tensors alone can be loaded with Weights.Load.");
        }
    }

    private static Header ReadHeader(SafetensorsFile state, string? tokenizer)
    {
        var losses = new DivergenceDetector.Memory(
            Finite(state, "loss.first"), Finite(state, "loss.mean"), Finite(state, "loss.variance", least: 0),
            Count(state, "loss.count"), (int)Count(state, "loss.high", int.MaxValue));
        return new(Get(state, Hyperparameters.ModelKey), Get(state, Hyperparameters.Key), Count(state, "step"), Get(state, "data"), losses,
            [.. state.Metadata.Where(pair => pair.Key.StartsWith(OptionPrefix, StringComparison.Ordinal))
                .Select(pair => (pair.Key[OptionPrefix.Length..], pair.Value))], tokenizer);
    }

    private static void CheckMoments(SafetensorsFile state, WeightStore weights)
    {
        foreach (var info in weights.Infos)
            foreach (string name in (string[])[FirstPrefix + info.Name, SecondPrefix + info.Name])
                if (state.Find(name) is not { Type: TensorType.F32 } entry || entry.Count != info.Count)
                    throw new CheckpointException($"{state.Path}: has no moment '{name}' of {info.Count} float32.");
    }

    private static void ReadMoment(SafetensorsFile state, string prefix, WeightInfo info, WeightStore moments) =>
        state.Read(state.Find(prefix + info.Name)!, (offset, bytes) => moments.Memory.Write(info.Offset * sizeof(float) + offset, bytes));

    /// <summary>Those of older checkpoints and those that a crash left unfinished.</summary>
    private static void DeleteStates(string folder, string? except)
    {
        foreach (string path in Directory.EnumerateFiles(folder, StatePrefix + "*" + StateSuffix + "*"))
            if (Path.GetFileName(path) != except)
                File.Delete(path);
    }

    /// <summary>SHA-256 of the flat buffer.</summary>
    private static string Digest(WeightStore weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = weights.Count * sizeof(float);
        byte[] chunk = new byte[Math.Min(1 << 20, bytes)];
        for (long offset = 0; offset < bytes; offset += chunk.Length)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, bytes - offset));
            weights.Memory.Read(offset, part);
            hash.AppendData(part);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string? StateNamedBy(string weightsPath)
    {
        if (!File.Exists(weightsPath))
            return null;
        using var file = SafetensorsFile.Open(weightsPath);
        return file.Metadata.GetValueOrDefault("state");
    }

    private static string Get(SafetensorsFile file, string key) => file.Metadata.TryGetValue(key, out string? value)
        ? value
        : throw new CheckpointException($"{file.Path}: holds weights, but not the training state (no '{key}' in its metadata); load it with Weights.Load.");

    private static long Count(SafetensorsFile file, string key, long most = MostSteps) =>
        long.TryParse(Get(file, key), NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= most
            ? value
            : throw new CheckpointException($"{file.Path}: '{key}' is '{Get(file, key)}' and no number from 0 to {most}.");

    private static double Finite(SafetensorsFile file, string key, double least = double.MinValue) =>
        double.TryParse(Get(file, key), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value >= least
            ? value
            : throw new CheckpointException($"{file.Path}: '{key}' is '{Get(file, key)}' and no finite number{(least == 0 ? " from 0 on" : "")}.");

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
