namespace ModelDsl.Runtime.Tests.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AFailingWriteLeavesTheOldFileAndNothingElse()
    {
        string path = _folder.File("a");
        AtomicFile.Write(path, 3, stream => stream.Write([1, 2, 3]));
        var error = Assert.Throws<CheckpointException>(() => AtomicFile.Write(path, 20_000_000, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("No space left on device");
        }));
        Assert.Contains("No space left on device. It needs 20.0 MB", error.Message);
        Assert.Contains("untouched", error.Message);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, 1, _ => throw new InvalidOperationException()));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    [Fact]
    public void MoreThanIsFreeIsRefusedAtOnce()
    {
        bool written = false;
        var error = Assert.Throws<CheckpointException>(() => AtomicFile.Write(_folder.File("a"), long.MaxValue, _ => written = true));
        Assert.Contains("the disk is full", error.Message);
        Assert.Contains(" are free in ", error.Message);
        Assert.False(written);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [SmallDiskFact]
    public void AFullDiskLeavesTheOldFile()
    {
        using var disk = new SmallDisk(_folder.Path, kilobytes: 1024);
        string path = _folder.File("a");
        AtomicFile.Write(path, 400_000, stream => stream.Write(new byte[400_000]));
        // It promises little and writes much, so that the disk fills up on the way.
        var error = Assert.Throws<CheckpointException>(() => AtomicFile.Write(path, 1000, stream => stream.Write(new byte[900_000])));
        Assert.Contains("untouched", error.Message);
        Assert.Equal(400_000, new FileInfo(path).Length);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }
}
