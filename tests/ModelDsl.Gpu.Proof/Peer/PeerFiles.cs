namespace ModelDsl.Gpu.Proof;

/// <summary>Sources of peers, embedded in the program.</summary>
internal static class PeerFiles
{
    /// <summary>Writes a source to a folder and returns its path.</summary>
    public static string Write(string name, string folder)
    {
        string path = Path.Combine(folder, name);
        using Stream source = typeof(PeerFiles).Assembly.GetManifestResourceStream(name)!;
        using FileStream file = File.Create(path);
        source.CopyTo(file);
        return path;
    }
}
