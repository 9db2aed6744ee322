using System.Buffers;
using System.Text.Json;

namespace ModelDsl.Runtime;

/// <summary>
/// metrics.jsonl: one JSON object a line and step, flushed at once: step, loss, validation_loss (where there was one),
/// gradient_norm, learning_rate, tokens, tokens_per_second, milliseconds, peak_share.
/// </summary>
public sealed class MetricsLog : IProgress<StepMetrics>, IDisposable
{
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private readonly Utf8JsonWriter _json;

    /// <param name="completedSteps">Lines of later steps, left by a run that went on after its last checkpoint, are dropped.</param>
    public MetricsLog(string path, long completedSteps = 0)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _json = new(_buffer);
        _stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        long end = 0;
        foreach (var (metrics, lineEnd) in Lines(_stream))
            if (metrics.Step <= completedSteps)
                end = lineEnd;
        _stream.SetLength(end);
        _stream.Position = end;
    }

    public void Report(StepMetrics value)
    {
        ObjectDisposedException.ThrowIf(!_stream.CanWrite, this);
        _json.WriteStartObject();
        _json.WriteNumber("step", value.Step);
        Write("loss", value.Loss);
        if (value.ValidationLoss is { } validation)
            Write("validation_loss", validation);
        Write("gradient_norm", value.GradientNorm);
        Write("learning_rate", value.LearningRate);
        _json.WriteNumber("tokens", value.Tokens);
        Write("tokens_per_second", Math.Round(value.TokensPerSecond, 1));
        Write("milliseconds", Math.Round(value.Milliseconds, 3));
        Write("peak_share", Math.Round(value.PeakShare, 4));
        _json.WriteEndObject();
        _json.Flush();
        _buffer.GetSpan(1)[0] = (byte)'\n';
        _buffer.Advance(1);
        _stream.Write(_buffer.WrittenSpan);
        _stream.Flush();
        _buffer.ResetWrittenCount();
        _json.Reset();
    }

    /// <summary>The whole lines of a file; a line that was cut off ends the reading.</summary>
    public static IReadOnlyList<StepMetrics> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return [.. Lines(stream).Select(line => line.Metrics)];
    }

    public void Dispose()
    {
        _json.Dispose();
        _stream.Dispose();
    }

    private void Write(string name, float value)
    {
        if (float.IsFinite(value))
            _json.WriteNumber(name, value);
        else
            _json.WriteNull(name); // JSON has no NaN
    }

    private void Write(string name, double value)
    {
        if (double.IsFinite(value))
            _json.WriteNumber(name, value);
        else
            _json.WriteNull(name);
    }

    private static IEnumerable<(StepMetrics Metrics, long End)> Lines(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        long end = 0;
        while (reader.ReadLine() is { } line)
        {
            end += line.Length + 1; // the writer's lines are ASCII
            if (end > stream.Length || Parse(line) is not { } metrics)
                yield break;
            yield return (metrics, end);
        }
    }

    private static StepMetrics? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new()
            {
                Step = root.GetProperty("step").GetInt64(),
                Loss = (float)Number(root, "loss"),
                ValidationLoss = root.TryGetProperty("validation_loss", out _) ? (float)Number(root, "validation_loss") : null,
                GradientNorm = (float)Number(root, "gradient_norm"),
                LearningRate = Number(root, "learning_rate"),
                Tokens = root.GetProperty("tokens").GetInt64(),
                Milliseconds = Number(root, "milliseconds"),
                PeakShare = Number(root, "peak_share"),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static double Number(JsonElement root, string name)
    {
        var value = root.GetProperty(name);
        return value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();
    }
}
