namespace ModelDsl.Examples.Tests;

/// <summary>A folder with every package of this repository, packed once for the tests that share it.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private readonly TestFolder _folder = new();

    public string Path => _folder.Path;

    public async Task InitializeAsync() =>
        await Programs.Succeeds(Repository.Folder, "pack", "build/Packages.proj", "-o", Path, "-v", "quiet");

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
