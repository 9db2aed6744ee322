using System.ComponentModel;
using System.Diagnostics;

namespace ModelDsl.Runtime.Tests.Checkpoints;

/// <summary>A little memory mounted as a disk.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    public SmallDisk(string path, int kilobytes)
    {
        _path = path;
        Assert.True(Mount(path, kilobytes));
    }

    public static bool Mount(string path, int kilobytes) => Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path);

    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", _path));

    public static bool Unmount(string path) => Run("umount", path);

    public void Dispose() => Unmount(_path);

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A test that mounts a <see cref="SmallDisk"/>; skipped, and says so, where that is not allowed.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Possible = new(TryMount);

    public SmallDiskFactAttribute()
    {
        if (!Possible.Value)
            Skip = "this user may not mount a tmpfs";
    }

    private static bool TryMount()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        string folder = Directory.CreateTempSubdirectory("modeldsl-").FullName;
        try
        {
            return SmallDisk.Mount(folder, 100) && SmallDisk.Unmount(folder);
        }
        catch (Win32Exception)
        {
            return false; // no mount command
        }
        finally
        {
            Directory.Delete(folder);
        }
    }
}
