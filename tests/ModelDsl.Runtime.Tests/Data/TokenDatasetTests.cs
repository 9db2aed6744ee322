using System.Buffers.Binary;

namespace ModelDsl.Runtime.Tests.Data;

public sealed class TokenDatasetTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Batch NewBatch(int sequences = 3, int length = 8, int vocabulary = 100_000) => new(
    [
        new("tokens", InputKind.Int32, PerToken: true, [], vocabulary),
        new("targets", InputKind.Int32, PerToken: true, [], vocabulary),
    ], sequences, length);

    [Theory]
    [InlineData(65_536, 2)]
    [InlineData(65_537, 4)]
    public void AShardReadsWhatWasWritten(int vocabulary, int width)
    {
        int[] tokens = [.. Enumerable.Range(0, 50_000).Select(i => i * 7919 % vocabulary)];
        string path = Shard(tokens, vocabulary);
        Assert.Equal(32 + width * tokens.Length, new FileInfo(path).Length);
        using var shard = TokenShard.Open(path);
        Assert.Equal((tokens.Length, vocabulary), (shard.Count, shard.Vocabulary));
        int[] read = new int[1000];
        shard.Read(33_333, read, vocabulary);
        Assert.Equal(tokens[33_333..34_333], read);
    }

    [Fact]
    public void ReadsRawAndForeignHeaders()
    {
        byte[] raw = new byte[20], foreign = new byte[1024 + 20];
        for (int i = 0; i < 10; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(2 * i), (ushort)(60_000 + i));
        BinaryPrimitives.WriteInt32LittleEndian(foreign, 20240520);
        BinaryPrimitives.WriteInt32LittleEndian(foreign.AsSpan(4), 1);
        BinaryPrimitives.WriteInt32LittleEndian(foreign.AsSpan(8), 10);
        raw.CopyTo(foreign, 1024);
        foreach (byte[] bytes in (byte[][])[raw, foreign])
        {
            File.WriteAllBytes(_folder.File("train.bin"), bytes);
            using var shard = TokenShard.Open(_folder.File("train.bin"));
            int[] read = new int[10];
            shard.Read(0, read, 65_536);
            Assert.Equal(Enumerable.Range(60_000, 10), read);
        }
    }

    [Fact]
    public void BrokenFilesAreNamed()
    {
        string path = Shard([1, 2, 3], 10);
        byte[] whole = File.ReadAllBytes(path);
        Refuse([], "empty");
        Refuse(whole[..20], "cut off after 20");
        Refuse(whole[..^1], "the file has 5 bytes");
        Refuse([.. whole, 0, 0], "the file has 8 bytes");
        Refuse([.. whole[..8], 9, .. whole[9..]], "version 9");
        Refuse([.. whole[..12], 3, .. whole[13..]], "claims 3 bytes a token");
        Refuse([.. whole[..24], 255, 255, 255, 255, 255, 255, 255, 127, .. whole[32..]], "truncated");
        Refuse([1, 2, 3], "3 bytes are no whole number");
        Assert.Contains("absent", Assert.Throws<DatasetException>(() => TokenShard.Open(_folder.File("absent"))).Message);

        void Refuse(byte[] bytes, string expected)
        {
            File.WriteAllBytes(path, bytes);
            var error = Assert.Throws<DatasetException>(() => TokenShard.Open(path));
            Assert.StartsWith(path, error.Message);
            Assert.Contains(expected, error.Message);
        }
    }

    [Theory]
    [InlineData(100, 65_536)]
    [InlineData(100_000, 65_537)]
    public void AFileThatIsCutWhileItIsInUseIsNamed(int vocabulary, int tokens)
    {
        string path = Shard([.. Enumerable.Range(0, tokens).Select(i => i % 100)], vocabulary);
        using var data = TokenDataset.Open([path], new() { ValidationShare = 0 });
        var batch = NewBatch();
        data.FillTraining(1, 0, batch);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
            file.SetLength(40);
        string message = Assert.Throws<DatasetException>(() => data.FillTraining(1, 1, batch)).Message;
        Assert.StartsWith($"{path}: the file ends at byte ", message);
        Assert.StartsWith(path, Assert.Throws<DatasetException>(() => data.Fingerprint).Message);
    }

    [Fact]
    public void TheFingerprintTellsAnyTwoTokensFromOthers()
    {
        int[] tokens = [.. Enumerable.Range(0, 300_000).Select(i => i % 97)];
        using var before = TokenDataset.Open([Shard(tokens, 97)]);
        using var inMemory = TokenDataset.FromTokens(tokens);
        string fingerprint = before.Fingerprint;
        Assert.Equal(fingerprint, inMemory.Fingerprint);
        (tokens[123_457], tokens[123_458]) = (tokens[123_458], tokens[123_457]);
        Assert.NotEqual(fingerprint, inMemory.Fingerprint);
    }

    [Theory]
    [InlineData(300_000, "all ")]
    [InlineData(299_999, "1/2 ")]
    public void UpToItsLimitTheFingerprintReadsAllTokens(long most, string how)
    {
        using var data = TokenDataset.FromTokens(new int[300_000], new() { FingerprintTokens = most });
        Assert.Contains(", " + how, data.Fingerprint);
    }

    [Fact]
    public void AnUnfinishedShardLeavesNothing()
    {
        using (var writer = new TokenShardWriter(_folder.File("x"), 10))
            writer.Append([1, 2]);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        using var strict = new TokenShardWriter(_folder.File("x"), 10);
        Assert.Contains("token 1 is 10", Assert.Throws<DatasetException>(() => strict.Append([1, 10])).Message);
    }

    [Fact]
    public void DocumentsEndWithTheirToken()
    {
        using (var writer = new TokenShardWriter(_folder.File("x"), 10))
        {
            writer.AppendDocument([1, 2], 9);
            writer.AppendDocument([], 9);
            writer.AppendDocument([3], 9);
            writer.Complete();
        }
        using var shard = TokenShard.Open(_folder.File("x"));
        int[] tokens = new int[6];
        shard.Read(0, tokens, 10);
        Assert.Equal([1, 2, 9, 9, 3, 9], tokens);
    }

    [Fact]
    public void ATokenBeyondTheVocabularyIsNamedWithItsPlace()
    {
        using var data = TokenDataset.Open([Shard([.. Enumerable.Repeat(3, 100), 70, .. Enumerable.Repeat(3, 5)], 71)], new() { ValidationShare = 0 });
        var batch = NewBatch(length: 105, vocabulary: 50);
        Assert.Contains("vocabulary of 71, the model has 50", Assert.Throws<DatasetException>(() => data.Check(batch)).Message);
        Assert.Contains("token 100 (byte 232) is 70", Assert.Throws<DatasetException>(() => data.FillTraining(1, 0, batch)).Message);
    }

    [Fact]
    public void TinyDataAreRefusedWithTheirSize()
    {
        using var tiny = TokenDataset.FromTokens([1, 2, 3, 4, 5], new() { ValidationShare = 0 });
        Assert.Contains("5 tokens to train on are too few for sequences of 8", Assert.Throws<DatasetException>(() => tiny.Check(NewBatch())).Message);
        using var none = TokenDataset.FromTokens([], new() { ValidationShare = 0 });
        Assert.Throws<DatasetException>(() => none.Check(NewBatch()));
        using var split = TokenDataset.FromTokens(new int[50], new() { ValidationShare = 0.1 });
        Assert.Contains("5 tokens for validation", Assert.Throws<DatasetException>(() => split.Check(NewBatch())).Message);
        using var enough = TokenDataset.FromTokens(new int[9], new() { ValidationShare = 0 });
        enough.Check(NewBatch());
    }

    [Theory]
    [InlineData(TokenOrder.RandomCrops)]
    [InlineData(TokenOrder.Epochs)]
    public void BatchesDependOnSeedAndIndexAlone(TokenOrder order)
    {
        using var data = TokenDataset.FromTokens([.. Enumerable.Range(0, 10_000)], new() { Order = order });
        using var again = TokenDataset.FromTokens([.. Enumerable.Range(0, 10_000)], new() { Order = order });
        again.FillTraining(4, 7, NewBatch()); // what was asked before does not matter
        Assert.Equal(Tokens(data, 4, 23), Tokens(again, 4, 23));
        Assert.NotEqual(Tokens(data, 4, 23), Tokens(data, 4, 24));
        Assert.NotEqual(Tokens(data, 4, 23), Tokens(data, 5, 23));
        var batch = NewBatch();
        data.FillTraining(4, 0, batch);
        int[] tokens = batch.Integers("tokens").ToArray(), targets = batch.Integers("targets").ToArray();
        Assert.Equal(tokens.Select(token => token + 1), targets);
        Assert.All(tokens, token => Assert.InRange(token, 0, 8999));
    }

    [Fact]
    public void AnEpochShowsEveryWindowOnce()
    {
        // Two shards of 41 and 25 tokens: windows of 8 with a target behind, 5 and 3 of them.
        using var data = new TokenDataset(
            [TokenShard.FromArray([.. Enumerable.Range(0, 41)]), TokenShard.FromArray([.. Enumerable.Range(100, 25)])],
            new() { Order = TokenOrder.Epochs, ValidationShare = 0 });
        var first = Enumerable.Range(0, 8).Select(i => Tokens(data, 1, i, sequences: 1)[0]).ToArray();
        var second = Enumerable.Range(8, 8).Select(i => Tokens(data, 1, i, sequences: 1)[0]).ToArray();
        int[] starts = [0, 8, 16, 24, 32, 100, 108, 116];
        Assert.Equal(starts, first.Order());
        Assert.Equal(starts, second.Order());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void CropsNeverCrossShardsAndReachBothEnds()
    {
        using var data = new TokenDataset(
            [TokenShard.FromArray([.. Enumerable.Range(0, 12)]), TokenShard.FromArray([.. Enumerable.Range(100, 10)]), TokenShard.FromArray([7])],
            new() { ValidationShare = 0 });
        // Starts 0 to 3 of the first and 0, 1 of the second leave room for 9 tokens.
        var starts = Enumerable.Range(0, 300).Select(i => Tokens(data, 1, i, sequences: 1)[0]).ToHashSet();
        Assert.Equal([0, 1, 2, 3, 100, 101], starts.Order());
    }

    [Fact]
    public void ValidationIsAFixedListApartFromTraining()
    {
        using var data = TokenDataset.FromTokens([.. Enumerable.Range(0, 1000)], new() { ValidationBatches = 4 });
        Assert.Equal((900, 100), (data.TrainingTokens, data.ValidationTokens));
        var batch = NewBatch();
        Assert.Equal(4, data.ValidationBatches(batch));
        var seen = new HashSet<int>();
        for (int i = 0; i < 4; i++)
        {
            data.FillValidation(i, batch);
            foreach (int token in batch.Integers("tokens"))
                Assert.True(seen.Add(token), "a token is counted twice");
        }
        Assert.All(seen, token => Assert.InRange(token, 900, 999));
    }

    [Fact]
    public void FewValidationTokensFillPartOfABatch()
    {
        using var data = TokenDataset.FromTokens([.. Enumerable.Range(0, 200)]); // 20 for validation: windows at 180 and 188
        var batch = NewBatch(sequences: 3);
        Assert.Equal(1, data.ValidationBatches(batch));
        data.FillValidation(0, batch);
        Assert.Equal([.. Enumerable.Range(181, 16), .. Enumerable.Repeat(-1, 8)], batch.Integers("targets").ToArray());
        Assert.Equal(Enumerable.Range(180, 16), batch.Integers("tokens")[..16].ToArray());
    }

    [Fact]
    public void TheFirstTokenOfADocumentIsMaskedAsATarget()
    {
        using var data = TokenDataset.FromTokens([5, 6, 0, 7, 0, 8, 9, 4, 3], new() { ValidationShare = 0, EndOfDocument = 0, MaskDocumentStarts = true });
        var batch = NewBatch(sequences: 1);
        data.FillTraining(1, 0, batch);
        Assert.Equal([6, 0, -1, 0, -1, 9, 4, 3], batch.Integers("targets").ToArray());
        Assert.Equal(6, batch.CountTargets());
    }

    private string Shard(int[] tokens, int vocabulary)
    {
        string path = _folder.File("tokens");
        using var writer = new TokenShardWriter(path, vocabulary);
        writer.Append(tokens);
        writer.Complete();
        return path;
    }

    private static int[] Tokens(TokenDataset data, ulong seed, long index, int sequences = 3)
    {
        var batch = NewBatch(sequences);
        data.FillTraining(seed, index, batch);
        return batch.Integers("tokens").ToArray();
    }
}
