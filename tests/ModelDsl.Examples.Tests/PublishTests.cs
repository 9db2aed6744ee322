namespace ModelDsl.Examples.Tests;

/// <summary>The first example as a published program: it is built without a warning and trains to the same weights as the ordinary build.</summary>
[Collection(RepositoryBuilds.Name)]
public sealed class PublishTests : IDisposable
{
    private static readonly string[] Training = ["--preset", "tiny", "--batch", "2", "--length", "32", "--steps", "3", "--data", "text.txt", "--out"];

    private readonly TestFolder _folder = new();

    public PublishTests() => _folder.Write("text.txt", string.Concat(Enumerable.Range(1, 1500).Select(i => $"Line {i} follows line {i - 1}.\n")));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ReadyToRun")]
    [InlineData("NativeAOT", "-p:NativeAot=true")]
    public async Task APublishedProgramTrainsToTheSameWeights(string kind, params string[] options)
    {
        string program = _folder.File($"{kind}/TextGpt");
        var published = await Programs.Succeeds(Repository.Folder, ["publish", "examples/TextGpt", "-c", "Release", "-o", Path.GetDirectoryName(program)!, .. options]);
        Assert.DoesNotMatch("warning (IL|NETSDK|MSB|CS)", published.Output);
        Assert.Equal(["TextGpt"], Directory.GetFileSystemEntries(Path.GetDirectoryName(program)!).Select(Path.GetFileName));
        Assert.Equal(0, (await Programs.StartTextGpt(_folder.Path, [.. Training, "ordinary"]).End()).Code);
        var ended = await Programs.StartProgram(_folder.Path, program, [.. Training, "published"]).End();
        Assert.Equal((0, ""), (ended.Code, ended.Errors));
        Assert.Equal(File.ReadAllBytes(_folder.File("ordinary/weights.safetensors")), File.ReadAllBytes(_folder.File("published/weights.safetensors")));
    }
}
