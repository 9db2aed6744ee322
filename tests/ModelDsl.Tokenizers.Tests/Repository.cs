namespace ModelDsl.Tokenizers.Tests;

/// <summary>The folder of the repository.</summary>
internal static class Repository
{
    internal static readonly string Folder = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ModelDsl.sln"))) return folder.FullName;
        throw new InvalidOperationException("The tests do not lie in the repository.");
    }
}
