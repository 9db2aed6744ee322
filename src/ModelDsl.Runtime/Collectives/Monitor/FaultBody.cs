using System.Buffers.Binary;
using System.Text;

namespace ModelDsl.Runtime.Collectives;

/// <summary>A fault on its way between ranks: kind (1 byte), rank (4), text (UTF-8).</summary>
internal static class FaultBody
{
    public static byte[] Write(RankFault fault)
    {
        var body = new byte[5 + Encoding.UTF8.GetByteCount(fault.Text)];
        body[0] = (byte)fault.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(1), fault.Rank);
        Encoding.UTF8.GetBytes(fault.Text, body.AsSpan(5));
        return body;
    }

    public static RankFault Read(ReadOnlySpan<byte> body) =>
        new((RankFaultKind)body[0], BinaryPrimitives.ReadInt32LittleEndian(body[1..]), Encoding.UTF8.GetString(body[5..]));
}
