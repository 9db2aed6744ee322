using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Native;

/// <summary>
/// A vendor's library that is looked for at run time and need not be there: nothing is needed to build, and what is
/// missing is said when it is asked for, with every place that was looked at.
/// </summary>
/// <remarks>
/// The order: the folders of the environment variable <see cref="FolderVariable"/>, the system's own search
/// (LD_LIBRARY_PATH, the linker's cache), then the folders that its installers are known to use.
/// </remarks>
public sealed class NativeLibraryFile
{
    /// <summary>An environment variable with folders, divided as in PATH, that are looked in first.</summary>
    public const string FolderVariable = "MODELDSL_LIBRARY_PATH";

    private readonly string? _problem;

    private NativeLibraryFile(string name, nint handle, string? path, IReadOnlyList<string> looked, string? problem)
    {
        Name = name;
        Handle = handle;
        Path = path;
        Looked = looked;
        _problem = problem;
    }

    /// <summary>What a person calls it: "NVRTC", "OpenCL loader".</summary>
    public string Name { get; }

    public nint Handle { get; }

    public bool IsFound => Handle != 0;

    /// <summary>The file that was loaded, or its bare name where the system's search found it.</summary>
    public string? Path { get; }

    /// <summary>Every file name and path that was tried, in order, up to the one that was loaded.</summary>
    public IReadOnlyList<string> Looked { get; }

    /// <summary>Looks for a library; never throws for one that is not there.</summary>
    /// <param name="fileNames">From the wanted version down: <c>libnvrtc.so.13</c>, <c>libnvrtc.so.12</c>.</param>
    /// <param name="folders">Known folders, tried last; those that do not exist are passed over.</param>
    public static NativeLibraryFile Find(string name, IReadOnlyList<string> fileNames, IReadOnlyList<string>? folders = null)
    {
        var looked = new List<string>();
        string? problem = null;
        foreach (string candidate in Candidates(fileNames, folders ?? []))
        {
            looked.Add(candidate);
            if (NativeLibrary.TryLoad(candidate, out nint handle))
                return new(name, handle, candidate, looked, null);
            if (System.IO.Path.IsPathRooted(candidate) && File.Exists(candidate))
                problem ??= LoadProblem(candidate);
        }
        return new(name, 0, null, looked, problem);
    }

    /// <summary>The address of an exported function.</summary>
    /// <exception cref="NativeLibraryException">The library is not there, or is too old to have it.</exception>
    public nint Export(string function)
    {
        ThrowIfMissing();
        return NativeLibrary.TryGetExport(Handle, function, out nint address)
            ? address
            : throw new NativeLibraryException($"{Name} ({Path}) has no function {function}; another version is needed.");
    }

    /// <summary>The address of an exported function, or 0 where this version does not have it.</summary>
    public nint ExportOrZero(string function) => IsFound && NativeLibrary.TryGetExport(Handle, function, out nint address) ? address : 0;

    /// <exception cref="NativeLibraryException">The library is not there.</exception>
    public void ThrowIfMissing()
    {
        if (!IsFound)
            throw new NativeLibraryException(Missing);
    }

    /// <summary>What is said of a library that is not there.</summary>
    public string Missing =>
        (_problem is null ? $"{Name} is not installed" : $"{Name} does not load: {_problem}")
        + $"; looked for {string.Join(", ", Looked)}. Install it, or name its folder in {FolderVariable}.";

    private static IEnumerable<string> Candidates(IReadOnlyList<string> fileNames, IReadOnlyList<string> folders)
    {
        string[] first = (Environment.GetEnvironmentVariable(FolderVariable) ?? "")
            .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. In(first), .. fileNames, .. In(folders)];

        IEnumerable<string> In(IEnumerable<string> places) =>
            from folder in places
            where Directory.Exists(folder)
            from file in fileNames
            select System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, file));
    }

    private static string LoadProblem(string path)
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
            return "it loads now and did not before";
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return error.Message;
        }
    }
}

/// <summary>A native library is missing, does not load, or is of another version than is needed.</summary>
public sealed class NativeLibraryException(string message) : Exception(message);
