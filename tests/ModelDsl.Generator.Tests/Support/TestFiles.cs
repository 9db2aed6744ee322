using System.Runtime.CompilerServices;

namespace ModelDsl.Generator.Tests;

/// <summary>Finds the files of this project and of the repository in the checkout that the tests were built from.</summary>
internal static class TestFiles
{
    public static string Project { get; } = Path.GetDirectoryName(Path.GetDirectoryName(ThisFile()))!;

    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Project, "..", ".."));

    /// <summary>A record as a user would write it: Records/NAME.cs.</summary>
    public static string Record(string name) => File.ReadAllText(Path.Combine(Project, "Records", name + ".cs"));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
