using System.Text.Json;
using System.Text.Json.Serialization;

namespace Examples.TextGpt;

/// <summary>
/// run.json in the output folder: the settings that a resumed run keeps unless the command line overrides them.
/// </summary>
/// <param name="Data">The file or folder that the tokens were made from.</param>
internal sealed record RunDescription(string Preset, int Steps, int Batch, int Length, ulong Seed, string Data)
{
    public const string FileName = "run.json";

    /// <summary>Null if the file does not exist.</summary>
    public static RunDescription? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), RunDescriptionJson.Default.RunDescription)
                ?? throw new InvalidDataException($"{path}: is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: line {error.LineNumber + 1}: {error.Message}", error);
        }
    }

    public void Write(string path)
    {
        byte[] json = [.. JsonSerializer.SerializeToUtf8Bytes(this, RunDescriptionJson.Default.RunDescription), (byte)'\n'];
        AtomicFile.Write(path, json.Length, stream => stream.Write(json));
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RunDescription))]
internal sealed partial class RunDescriptionJson : JsonSerializerContext;
