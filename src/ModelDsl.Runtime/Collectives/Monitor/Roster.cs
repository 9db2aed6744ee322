using System.Text;

namespace ModelDsl.Runtime.Collectives;

/// <summary>What rank 0 sends to all once all have joined: their names, and what it gives them (NCCL's unique id).</summary>
internal static class Roster
{
    public static byte[] Write(RankName[] names, ReadOnlySpan<byte> gift)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            foreach (var name in names)
            {
                writer.Write(name.Host);
                writer.Write(name.Process);
            }
            writer.Write(gift);
        }
        return stream.ToArray();
    }

    public static (RankName[] Names, byte[] Gift) Read(ReadOnlySpan<byte> body, int size)
    {
        using var stream = new MemoryStream(body.ToArray());
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        var names = new RankName[size];
        for (int rank = 0; rank < size; rank++)
            names[rank] = new(rank, reader.ReadString(), reader.ReadInt32());
        return (names, reader.ReadBytes((int)(stream.Length - stream.Position)));
    }
}
