namespace ModelDsl.Runtime.Tests.Checkpoints;

public sealed class ChecksumTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(700)]
    public void EveryFlippedBitIsFound(int length)
    {
        byte[] data = new byte[length];
        new System.Random(length).NextBytes(data);
        ulong whole = Checksum.Of(data);
        for (int bit = 0; bit < 8 * length; bit++)
        {
            data[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotEqual(whole, Checksum.Of(data));
            data[bit / 8] ^= (byte)(1 << bit % 8);
        }
        Assert.Equal(whole, Checksum.Of(data));
    }

    [Fact]
    public void LengthAndOrderCount()
    {
        byte[] zeros = new byte[3 * Checksum.ChunkBytes];
        var sums = new HashSet<ulong>();
        foreach (int length in (int[])[0, 1, 4, 255, 256, 257, Checksum.ChunkBytes - 1, Checksum.ChunkBytes, Checksum.ChunkBytes + 1, zeros.Length])
            Assert.True(sums.Add(Checksum.Of(zeros.AsSpan(0, length))), $"{length} zeros have the checksum of fewer.");
        byte[] words = [.. Enumerable.Range(0, 2 * Checksum.ChunkBytes).Select(i => (byte)(i / 4096))];
        ulong before = Checksum.Of(words);
        foreach (int distance in (int[])[4, 256, 4096, Checksum.ChunkBytes])
        {
            byte[] swapped = [.. words];
            swapped[100] = 1;
            swapped[100 + distance] = 2;
            ulong one = Checksum.Of(swapped);
            (swapped[100], swapped[100 + distance]) = (swapped[100 + distance], swapped[100]);
            Assert.NotEqual(one, Checksum.Of(swapped));
            Assert.NotEqual(before, one);
        }
    }

    /// <summary>Files carry it, so it must not change: against the definition, word by word.</summary>
    [Fact]
    public void ItIsWhatTheRemarksSay()
    {
        byte[] data = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        uint[] lanes = [.. Enumerable.Range(0, 64).Select(i => 0x85EBCA6Bu + (uint)(i % 8) + (uint)(i / 8 * 8))];
        byte[] padded = [.. data, .. new byte[24]];
        for (int word = 0; word < padded.Length / 4; word++)
        {
            ref uint lane = ref lanes[word % 64];
            lane = (lane ^ BitConverter.ToUInt32(padded, 4 * word)) * 0x9E3779B1u;
            lane ^= lane >> 15;
        }
        ulong sum = Fold(0, 1000);
        for (int i = 0; i < 64; i += 2)
            sum = Fold(sum, lanes[i] | (ulong)lanes[i + 1] << 32);
        Assert.Equal(Fold(0, sum), Checksum.Of(data));

        static ulong Fold(ulong sum, ulong next)
        {
            sum = (sum ^ next) * 0x9E3779B97F4A7C15;
            return sum ^ (sum >> 32);
        }
    }
}
