namespace ModelDsl.Gpu.Proof;

/// <summary>Every check of this program, discovered by its class.</summary>
public static class CheckCatalogue
{
    private static readonly Lazy<IReadOnlyList<Check>> s_all = new(Find);

    /// <summary>By name.</summary>
    public static IReadOnlyList<Check> All => s_all.Value;

    private static IReadOnlyList<Check> Find()
    {
        Check[] all = [.. Discovery.Instances<Check>().OrderBy(check => check.Name, StringComparer.Ordinal)];
        string[] twice = [.. all.SelectMany(check => check.Cases(CheckSizes.Full)).GroupBy(item => item.Name).Where(group => group.Count() > 1).Select(group => group.Key)];
        return twice.Length == 0 ? all : throw new InvalidOperationException($"Two checks have one name: {string.Join(", ", twice)}.");
    }
}
