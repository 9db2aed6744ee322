using System.Globalization;

namespace ModelDsl.Gpu;

/// <summary>Parses a device's name: "cuda:1" is ("cuda", 1), "cuda" is ("cuda", 0); ("", 0) if it is not a name.</summary>
internal static class DeviceName
{
    public static (string Kind, int Index) Parse(string id)
    {
        string[] parts = id.Split(':');
        int index = 0;
        return parts.Length <= 2 && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index))
            ? (parts[0], index)
            : ("", 0);
    }
}
