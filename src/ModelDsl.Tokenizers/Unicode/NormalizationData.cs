using System.Globalization;

namespace ModelDsl.Tokenizers.Unicode;

/// <summary>
/// Combining classes, decompositions and compositions of Unicode 15.0. The data are the project's own because .NET
/// normalises nothing in globalization-invariant mode, and otherwise as the system's ICU happens to.
/// </summary>
internal sealed class NormalizationData
{
    private static readonly Lazy<NormalizationData> Loaded = new(() => new NormalizationData());

    private readonly byte[] combiningClasses = new byte[0x1E960];
    private readonly Dictionary<int, int[]> canonical = [], compatible = [];
    private readonly Dictionary<(int First, int Second), int> compositions = [];
    private readonly HashSet<int> seconds = [];

    internal static NormalizationData Instance => Loaded.Value;

    private NormalizationData()
    {
        using var stream = typeof(NormalizationData).Assembly.GetManifestResourceStream("ModelDsl.Tokenizers.Normalization.txt")!;
        using var reader = new StreamReader(stream);
        var single = new Dictionary<int, (char Kind, int[] Parts)>();
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#') continue;
            string[] fields = line.Split(' ');
            if (line[0] == 'c')
                combiningClasses.AsSpan(Hex(fields[1])..(Hex(fields[2]) + 1)).Fill(byte.Parse(fields[3], CultureInfo.InvariantCulture));
            else
                single[Hex(fields[1])] = (line[0], [.. fields[2..].Select(Hex)]);
        }
        foreach (var (codePoint, (kind, parts)) in single)
        {
            if (kind != '~') canonical[codePoint] = [.. Expand(codePoint, single, compatibility: false)];
            compatible[codePoint] = [.. Expand(codePoint, single, compatibility: true)];
            if (kind != '=') continue;
            compositions[(parts[0], parts[1])] = codePoint;
            seconds.Add(parts[1]);
        }
    }

    internal byte CombiningClass(int codePoint) => codePoint < combiningClasses.Length ? combiningClasses[codePoint] : (byte)0;

    /// <summary>The full decomposition, or null where the code point is its own. Hangul syllables are not in the data.</summary>
    internal int[]? Decomposition(int codePoint, bool compatibility) =>
        (compatibility ? compatible : canonical).GetValueOrDefault(codePoint);

    /// <summary>What two code points compose to, or -1.</summary>
    internal int Composition(int first, int second) => compositions.GetValueOrDefault((first, second), -1);

    /// <summary>Whether the code point may compose with one before it.</summary>
    internal bool ComposesBackward(int codePoint) => seconds.Contains(codePoint);

    private static IEnumerable<int> Expand(int codePoint, Dictionary<int, (char Kind, int[] Parts)> single, bool compatibility) =>
        single.TryGetValue(codePoint, out var entry) && (compatibility || entry.Kind != '~')
            ? entry.Parts.SelectMany(part => Expand(part, single, compatibility))
            : [codePoint];

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
