using System.Buffers.Binary;
using System.Text;

namespace ModelDsl.Runtime.Tests.Observability;

public sealed class TensorBoardLogTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ChecksumIsCastagnolisMasked()
    {
        // CRC-32C of "123456789" is E3069283 (RFC 3720, B.4 gives the polynomial); TFRecord rotates by 15 and adds a constant.
        uint crc = 0xE3069283;
        Assert.Equal((crc >> 15 | crc << 17) + 0xA282EAD8, TensorBoardLog.MaskedChecksum("123456789"u8));
    }

    [Fact]
    public void AFileReadsBack()
    {
        using (var log = new TensorBoardLog(_folder.Path, completedSteps: 299))
            log.Report(new() { Step = 300, Loss = 1.5f, ValidationLoss = 1.75f, GradientNorm = 0.25f, LearningRate = 0.5, Tokens = 100, Milliseconds = 50, PeakShare = 0.5 });
        string path = Directory.GetFiles(_folder.Path, "events.out.tfevents.*").Single();
        var records = Records(File.ReadAllBytes(path)).ToArray();
        Assert.Equal(3, records.Length);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(Fields(records[0])[3].Single().Bytes));
        Assert.Equal(300ul, Fields(records[1])[2].Single().Number);
        Assert.Equal([8, 1], Fields(records[1])[7].Single().Bytes);
        var step = Fields(records[2]);
        Assert.Equal(300ul, step[2].Single().Number);
        double time = BitConverter.UInt64BitsToDouble(step[1].Single().Number);
        Assert.InRange(DateTime.UnixEpoch.AddSeconds(time), DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddSeconds(1));
        var scalars = Fields(step[5].Single().Bytes)[1].Select(value => Fields(value.Bytes)).ToDictionary(
            value => Encoding.UTF8.GetString(value[1].Single().Bytes),
            value => BitConverter.UInt32BitsToSingle((uint)value[2].Single().Number));
        Assert.Equal(new Dictionary<string, float>
        {
            ["loss/training"] = 1.5f, ["loss/validation"] = 1.75f, ["gradient_norm"] = 0.25f, ["learning_rate"] = 0.5f,
            ["speed/tokens_per_second"] = 2000, ["speed/peak_share"] = 0.5f,
        }, scalars);
    }

    private static IEnumerable<byte[]> Records(byte[] file)
    {
        int at = 0;
        while (at < file.Length)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(TensorBoardLog.MaskedChecksum(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            byte[] data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(TensorBoardLog.MaskedChecksum(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
            yield return data;
        }
    }

    /// <summary>A reader of protobuf's wire format, written apart from the writer.</summary>
    private static ILookup<int, (ulong Number, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int Field, ulong Number, byte[] Bytes)>();
        using var reader = new BinaryReader(new MemoryStream(message));
        while (reader.BaseStream.Position < message.Length)
        {
            int key = reader.Read7BitEncodedInt();
            fields.Add((key & 7) switch
            {
                0 => (key >> 3, (ulong)reader.Read7BitEncodedInt64(), []),
                1 => (key >> 3, reader.ReadUInt64(), []),
                2 => (key >> 3, 0, reader.ReadBytes(reader.Read7BitEncodedInt())),
                5 => (key >> 3, reader.ReadUInt32(), []),
                _ => throw new InvalidDataException($"wire type {key & 7}"),
            });
        }
        return fields.ToLookup(field => field.Field, field => (field.Number, field.Bytes));
    }
}
