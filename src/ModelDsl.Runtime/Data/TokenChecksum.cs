using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace ModelDsl.Runtime;

/// <summary>A checksum of the tokens of some shards, whatever their layout: all of them, or chunks spread evenly.</summary>
internal static class TokenChecksum
{
    private const int ChunkTokens = Checksum.ChunkBytes / sizeof(int);

    /// <summary>"all 0123456789abcdef", or "1/8 ..." where one chunk in eight is read.</summary>
    /// <param name="most">Tokens that are read, about.</param>
    public static string Of(IReadOnlyList<TokenShard> shards, long most)
    {
        long every = (shards.Sum(shard => shard.Count) - 1) / Math.Max(most, 1) + 1;
        var chunks = shards.SelectMany(shard => Starts(shard, every).Select(start => (Shard: shard, Start: start))).ToArray();
        ulong[] sums = new ulong[chunks.Length];
        try
        {
            Parallel.For(0, chunks.Length, i => sums[i] = Of(chunks[i].Shard, chunks[i].Start));
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
        return $"{(every == 1 ? "all" : $"1/{every}")} {Checksum.Of(MemoryMarshal.AsBytes(sums.AsSpan())):x16}";
    }

    private static IEnumerable<long> Starts(TokenShard shard, long every)
    {
        for (long start = 0; start < shard.Count; start += ChunkTokens * every)
            yield return start;
    }

    private static ulong Of(TokenShard shard, long start)
    {
        int[] buffer = ArrayPool<int>.Shared.Rent(ChunkTokens);
        try
        {
            var tokens = buffer.AsSpan(0, (int)Math.Min(ChunkTokens, shard.Count - start));
            shard.Read(start, tokens, int.MaxValue);
            return Checksum.Of(MemoryMarshal.AsBytes(tokens));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }
}
