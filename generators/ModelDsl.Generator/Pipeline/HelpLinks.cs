using System.Linq;
using System.Reflection;

namespace ModelDsl.Generator.Pipeline;

/// <summary>The page of each diagnostic.</summary>
internal static class HelpLinks
{
    private const string Pages = "docs/diagnostics/";

    /// <summary>Of the repository that the build was told of (RepositoryUrl in Directory.Build.props); empty where it was not.</summary>
    private static readonly string Root = typeof(HelpLinks).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == "RepositoryUrl")?.Value is { Length: > 0 } url ? $"{url.TrimEnd('/')}/blob/main/" : "";

    public static string Of(string id) => $"{Root}{Pages}{id}.md";
}
