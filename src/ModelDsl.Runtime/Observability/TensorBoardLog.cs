using System.Buffers.Binary;
using System.Numerics;

namespace ModelDsl.Runtime;

/// <summary>
/// Scalars as a TensorBoard event file: TFRecord frames (length, masked CRC-32C of the length, data, masked CRC-32C of
/// the data) around Event messages in protobuf's wire format (tensorflow/core/util/event.proto).
/// </summary>
public sealed class TensorBoardLog : IProgress<StepMetrics>, IDisposable
{
    private readonly FileStream _stream;
    private readonly byte[] _event = new byte[512];
    private readonly byte[] _value = new byte[128];

    /// <summary>Begins a new event file in <paramref name="folder"/>; TensorBoard joins all that are there.</summary>
    /// <param name="completedSteps">Steps of earlier files behind this one are forgotten by TensorBoard.</param>
    public TensorBoardLog(string folder, long completedSteps = 0)
    {
        Directory.CreateDirectory(folder);
        long seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string name = $"events.out.tfevents.{seconds}.{Environment.MachineName}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        _stream = new(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        var version = Begin(0);
        version.Bytes(3, "brain.Event:2"u8);
        WriteRecord(version.Written);
        if (completedSteps > 0)
        {
            var session = Begin(completedSteps + 1);
            session.Bytes(7, [8, 1]); // SessionLog { status: START }
            WriteRecord(session.Written);
        }
        _stream.Flush();
    }

    public void Report(StepMetrics value)
    {
        var record = Begin(value.Step);
        Span<byte> summary = stackalloc byte[448];
        var values = new ProtobufWriter(summary);
        Add(ref values, "loss/training"u8, value.Loss);
        if (value.ValidationLoss is { } validation)
            Add(ref values, "loss/validation"u8, validation);
        Add(ref values, "gradient_norm"u8, value.GradientNorm);
        Add(ref values, "learning_rate"u8, (float)value.LearningRate);
        Add(ref values, "speed/tokens_per_second"u8, (float)value.TokensPerSecond);
        Add(ref values, "speed/peak_share"u8, (float)value.PeakShare);
        record.Bytes(5, values.Written);
        WriteRecord(record.Written);
        _stream.Flush();
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>CRC-32C (Castagnoli), rotated and offset as TFRecord wants it.</summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }

    /// <summary>An Event with its wall_time (1) and step (2).</summary>
    private ProtobufWriter Begin(long step)
    {
        var writer = new ProtobufWriter(_event);
        writer.Double(1, (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);
        writer.Integer(2, (ulong)step);
        return writer;
    }

    /// <summary>A Summary.Value with its tag (1) and simple_value (2).</summary>
    private void Add(ref ProtobufWriter values, ReadOnlySpan<byte> tag, float number)
    {
        var value = new ProtobufWriter(_value);
        value.Bytes(1, tag);
        value.Single(2, number);
        values.Bytes(1, value.Written);
    }

    private void WriteRecord(ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(word, data.Length);
        _stream.Write(word);
        WriteChecksum(word);
        _stream.Write(data);
        WriteChecksum(data);
    }

    private void WriteChecksum(ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(word, MaskedChecksum(data));
        _stream.Write(word);
    }
}
