using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>Weights to and from safetensors, under our own names or those of another ecosystem.</summary>
public static class WeightFiles
{
    private const int ChunkFloats = 1 << 18;

    /// <summary>Overwrites all weights with those of a file; any dtype that has a value in float32 will do.</summary>
    /// <param name="names">The file's names; null for our own.</param>
    /// <exception cref="CheckpointException">The file is broken, or of another model: says which weights differ.</exception>
    public static void Load(this WeightStore weights, string path, CheckpointNames? names = null)
    {
        using var file = SafetensorsFile.Open(path);
        Load(weights, file, names);
    }

    /// <inheritdoc cref="Load(WeightStore, string, CheckpointNames)"/>
    public static void Load(this WeightStore weights, SafetensorsFile file, CheckpointNames? names = null)
    {
        names ??= CheckpointNames.Own;
        var tensors = names.Resolve(weights.Infos);
        Check(tensors, file, names);
        foreach (var tensor in tensors)
            if (tensor.Transposed)
                LoadTransposed(weights, file, tensor);
            else
                LoadStraight(weights, file, tensor);
    }

    /// <summary>Writes all weights as float32, atomically.</summary>
    /// <param name="metadata">Strings that the file carries besides.</param>
    /// <exception cref="CheckpointException">It could not be saved; the old file is untouched.</exception>
    public static void Save(
        this WeightStore weights, string path, IEnumerable<KeyValuePair<string, string>>? metadata = null, CheckpointNames? names = null) =>
        SafetensorsWriter.Write(
            path, [.. (names ?? CheckpointNames.Own).Resolve(weights.Infos).Select(tensor => Source(weights, tensor))], metadata ?? []);

    /// <summary>
    /// The contract of the tokenizer that a checkpoint, a safetensors file or a folder that a trainer saved, was trained with
    /// (see <see cref="TrainerOptions.Tokenizer"/>); null where it names none.
    /// </summary>
    /// <exception cref="CheckpointException">The file is missing or broken.</exception>
    public static string? TokenizerOf(string checkpoint)
    {
        using var file = SafetensorsFile.Open(Directory.Exists(checkpoint) ? Trainer.WeightsFile(checkpoint) : checkpoint);
        return file.Metadata.GetValueOrDefault(TrainingCheckpoint.TokenizerKey);
    }

    /// <summary>One weight's elements.</summary>
    internal static TensorSource Source(WeightStore weights, WeightInfo info, string name) => new(name, TensorType.F32, [.. info.Shape],
        (offset, chunk) => weights.Memory.Read(info.Offset * sizeof(float) + offset, chunk));

    private static TensorSource Source(WeightStore weights, ForeignTensor tensor)
    {
        if (tensor is { Transposed: false, Parts: [var only] })
            return Source(weights, only, tensor.Name);
        byte[]? whole = null; // held from the first chunk to the last
        return new(tensor.Name, TensorType.F32, tensor.Shape, (offset, chunk) =>
        {
            whole ??= Gather(weights, tensor);
            whole.AsSpan((int)offset, chunk.Length).CopyTo(chunk);
            if (offset + chunk.Length == whole.Length)
                whole = null;
        });
    }

    private static byte[] Gather(WeightStore weights, ForeignTensor tensor)
    {
        float[] values = new float[tensor.Count];
        int start = 0;
        foreach (var part in tensor.Parts)
        {
            weights.Read(part, 0, values.AsSpan(start, (int)part.Count));
            start += (int)part.Count;
        }
        if (tensor.Transposed)
            values = Transpose(values, (int)tensor.Shape[1], (int)tensor.Shape[0]);
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private static void LoadStraight(WeightStore weights, SafetensorsFile file, ForeignTensor tensor)
    {
        float[] buffer = new float[Math.Min(ChunkFloats, tensor.Count)];
        var entry = file.Find(tensor.Name)!;
        long partStart = 0;
        foreach (var part in tensor.Parts)
        {
            for (long start = 0; start < part.Count; start += buffer.Length)
            {
                var chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, part.Count - start));
                file.ReadSingles(entry, partStart + start, chunk);
                weights.Write(part, start, chunk);
            }
            partStart += part.Count;
        }
    }

    private static void LoadTransposed(WeightStore weights, SafetensorsFile file, ForeignTensor tensor)
    {
        float[] values = Transpose(file.ReadSingles(file.Find(tensor.Name)!), (int)tensor.Shape[0], (int)tensor.Shape[1]);
        int start = 0;
        foreach (var part in tensor.Parts)
        {
            weights.Write(part, 0, values.AsSpan(start, (int)part.Count));
            start += (int)part.Count;
        }
    }

    private static float[] Transpose(float[] values, int rows, int columns)
    {
        float[] transposed = new float[values.Length];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                transposed[column * rows + row] = values[row * columns + column];
        return transposed;
    }

    /// <summary>Throws where the file's weights, by our own names, are not those of the model.</summary>
    internal static void Check(WeightStore weights, SafetensorsFile file) =>
        Check(CheckpointNames.Own.Resolve(weights.Infos), file, CheckpointNames.Own);

    private static void Check(List<ForeignTensor> tensors, SafetensorsFile file, CheckpointNames names)
    {
        var differences = new WeightDifferences();
        foreach (var tensor in tensors)
            if (file.Find(tensor.Name) is not { } entry)
                differences.Missing(tensor.Name);
            else if (!entry.Shape.AsSpan().SequenceEqual(tensor.Shape))
                differences.Shape(tensor.Name, entry.Shape, tensor.Shape);
        var wanted = tensors.Select(tensor => tensor.Name).ToHashSet();
        foreach (var entry in file.Tensors)
            if (!wanted.Contains(entry.Name) && !names.Ignores(entry.Name))
                differences.Unexpected(entry.Name);
        if (differences.Any)
            throw new CheckpointException($"{file.Path}: not a checkpoint of this model{Origin(file)}.{differences.Describe()}");
    }

    private static string Origin(SafetensorsFile file) => file.Metadata.TryGetValue("model", out string? model)
        ? $", but of {model}({file.Metadata.GetValueOrDefault("hyperparameters", "")})"
        : "";
}
