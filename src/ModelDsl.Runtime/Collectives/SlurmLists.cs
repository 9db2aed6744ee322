using System.Globalization;

namespace ModelDsl.Runtime.Collectives;

/// <summary>The two short forms in which Slurm writes lists: hosts as "node[03-07,12],login", tasks of each host as "4(x2),1".</summary>
internal static class SlurmLists
{
    /// <summary>The first host of a list: of "node[03-07,12]-ib,x" it is "node03-ib".</summary>
    public static string FirstHost(string list)
    {
        int open = list.IndexOf('['), comma = list.IndexOf(',');
        if (open < 0 || (comma >= 0 && comma < open))
            return comma < 0 ? list : list[..comma];
        int close = list.IndexOf(']', open);
        if (close < 0)
            throw new RankEnvironmentException($"Slurm's list of hosts '{list}' has no ']'.");
        string range = list[(open + 1)..close];
        int end = range.IndexOfAny([',', '-']);
        string rest = list[(close + 1)..];
        string first = list[..open] + (end < 0 ? range : range[..end]);
        // A name may have several ranges, "rack[1-2]node[1-4]".
        return rest.StartsWith(',') || rest.Length == 0 ? first : first + FirstHost(rest);
    }

    /// <summary>The tasks of one host; null where the list is shorter.</summary>
    public static int? TasksOf(string list, int node)
    {
        foreach (string part in list.Split(','))
        {
            int times = part.IndexOf("(x", StringComparison.Ordinal);
            int count = times < 0 ? 1 : Number(part[(times + 2)..].TrimEnd(')'));
            if (node < count)
                return Number(times < 0 ? part : part[..times]);
            node -= count;
        }
        return null;

        int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new RankEnvironmentException($"Slurm's list of tasks '{list}' has '{text}' where a number belongs.");
    }
}
