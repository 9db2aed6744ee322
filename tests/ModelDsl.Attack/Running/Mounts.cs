using System.ComponentModel;
using System.Diagnostics;

namespace ModelDsl.Attacks.Running;

/// <summary>Small file systems in memory.</summary>
internal static class Mounts
{
    /// <summary>Why none can be mounted here; null where it can.</summary>
    public static string? Missing()
    {
        if (!OperatingSystem.IsLinux())
            return "needs Linux, for a file system in memory";
        string folder = Directory.CreateTempSubdirectory("modeldsl-attack-").FullName;
        try
        {
            if (!Run("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder))
                return "this user may not mount a file system";
            Remove(folder);
            return null;
        }
        catch (Win32Exception)
        {
            return "there is no mount command";
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    public static void Add(string folder, int kilobytes) => Must(Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", folder), folder);

    /// <summary>Changes the options of a mounted one.</summary>
    public static void Change(string folder, string options) => Must(Run("mount", "-o", $"remount,{options}", folder), folder);

    public static void Remove(string folder) => Must(Run("umount", folder), folder);

    /// <summary>Removes those that killed workers left.</summary>
    public static void RemoveBelow(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (string mount in File.ReadLines("/proc/mounts").Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(folder, StringComparison.Ordinal)).ToArray())
            Run("umount", mount);
    }

    private static void Must(bool success, string folder)
    {
        if (!success)
            throw new InvalidOperationException($"{folder}: could not be mounted or unmounted.");
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
