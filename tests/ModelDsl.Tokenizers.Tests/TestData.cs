namespace ModelDsl.Tokenizers.Tests;

/// <summary>The folder of public test data: MODELDSL_DATA, or shared/data beside the checkout.</summary>
internal static class TestData
{
    internal static readonly string? Folder = Find();

    internal static string Path(string relative) => System.IO.Path.Combine(Folder!, relative);

    internal static byte[] Bytes(string relative) => File.ReadAllBytes(Path(relative));

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("MODELDSL_DATA") is { Length: > 0 } told) return told;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "ModelDsl.sln")))
            {
                string data = System.IO.Path.Combine(folder.Parent!.FullName, "shared", "data");
                return Directory.Exists(data) ? data : null;
            }
        return null;
    }
}

/// <summary>A test that reads the public test data; skipped by name where it is absent.</summary>
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute()
    {
        if (TestData.Folder is null) Skip = DataSkip.Reason;
    }
}

/// <inheritdoc cref="DataFactAttribute"/>
internal sealed class DataTheoryAttribute : TheoryAttribute
{
    public DataTheoryAttribute()
    {
        if (TestData.Folder is null) Skip = DataSkip.Reason;
    }
}

internal static class DataSkip
{
    internal const string Reason = "The test data are not there: set MODELDSL_DATA, or put them at ../shared/data beside the checkout.";
}
