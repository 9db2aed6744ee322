using System.Globalization;

namespace ModelDsl.Gpu;

/// <summary>Human-readable sizes in bytes.</summary>
internal static class ByteSize
{
    /// <summary>"512 bytes", "1.5 MiB", "139.8 GiB".</summary>
    public static string Text(long bytes)
    {
        string[] units = ["KiB", "MiB", "GiB", "TiB"];
        if (bytes < 1024)
            return $"{bytes} bytes";
        double value = bytes / 1024.0;
        int unit = 0;
        for (; value >= 1024 && unit + 1 < units.Length; unit++)
            value /= 1024;
        return value.ToString("0.#", CultureInfo.InvariantCulture) + " " + units[unit];
    }
}
