using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>Weights to and from safetensors, under our own names or those of another ecosystem.</summary>
public static class WeightFiles
{
    /// <summary>Overwrites all weights with those of a file; any dtype that has a value in float32 will do.</summary>
    /// <param name="names">The file's names; null for our own.</param>
    /// <exception cref="CheckpointException">
    /// The file is broken, or of another model: says which weights differ. Where the data turned out not to be what was written,
    /// the weights are overwritten in part.
    /// </exception>
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
        var entry = file.Find(tensor.Name)!;
        int size = file.ConvertibleSize(entry);
        float[] converted = entry.Type == TensorType.F32 ? [] : new float[Checksum.ChunkBytes / size];
        file.Read(entry, (offset, bytes) =>
        {
            if (entry.Type != TensorType.F32)
                TensorConversion.ToSingles(entry.Type, bytes, converted.AsSpan(0, bytes.Length / size));
            Write(weights, tensor, offset / size, entry.Type == TensorType.F32
                ? MemoryMarshal.Cast<byte, float>(bytes)
                : converted.AsSpan(0, bytes.Length / size));
        });
    }

    /// <summary>Writes elements of stacked weights, from element <paramref name="start"/> of the stack on.</summary>
    private static void Write(WeightStore weights, ForeignTensor tensor, long start, ReadOnlySpan<float> values)
    {
        foreach (var part in tensor.Parts)
        {
            if (start < part.Count && values.Length > 0)
            {
                int count = (int)Math.Min(values.Length, part.Count - start);
                weights.Write(part, start, values[..count]);
                values = values[count..];
                start = part.Count;
            }
            start -= part.Count;
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

    /// <summary>
    /// Loads a checkpoint into the weights of a model, which must have the name and hyperparameters that the file carries; files
    /// of other programs carry none.
    /// </summary>
    internal static void Load(this WeightStore weights, string path, CheckpointNames? names, string model, string hyperparameters)
    {
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.TryGetValue(Hyperparameters.ModelKey, out string? storedModel) && file.Metadata.TryGetValue(Hyperparameters.Key, out string? stored)
            && Hyperparameters.Differences(storedModel, stored, model, hyperparameters) is { Length: > 0 } differences)
            throw new CheckpointException(
                $"{path}: was trained with other hyperparameters ({differences}). Make the model with the same; "
                + $"or, where the change is meant, load the file into a {nameof(WeightStore)} and give that.");
        Load(weights, file, names);
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

    private static string Origin(SafetensorsFile file) => file.Metadata.TryGetValue(Hyperparameters.ModelKey, out string? model)
        ? $", but of {model}({file.Metadata.GetValueOrDefault(Hyperparameters.Key, "")})"
        : "";
}
