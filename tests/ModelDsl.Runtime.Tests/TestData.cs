namespace ModelDsl.Runtime.Tests;

/// <summary>Files that are not part of the repository: MODELDSL_DATA, or ../shared/data beside the checkout.</summary>
internal static class TestData
{
    public static string? Folder { get; } = Find();

    public static string Path(string file) => System.IO.Path.Combine(Folder ?? "", file);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("MODELDSL_DATA") is { Length: > 0 } set)
            return Directory.Exists(set) ? set : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (folder.EnumerateFiles("ModelDsl.sln").Any())
                return Directory.Exists(System.IO.Path.Combine(folder.FullName, "../shared/data"))
                    ? System.IO.Path.Combine(folder.FullName, "../shared/data")
                    : null;
        return null;
    }
}

/// <summary>A test that is skipped, and says so, where a data file is absent.</summary>
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(string file)
    {
        if (TestData.Folder is null || !File.Exists(TestData.Path(file)))
            Skip = $"{file} is not here (set MODELDSL_DATA to the data folder).";
    }
}
