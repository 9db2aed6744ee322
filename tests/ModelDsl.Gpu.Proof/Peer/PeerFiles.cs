namespace ModelDsl.Gpu.Proof;

/// <summary>Sources of peers, which travel inside the program.</summary>
internal static class PeerFiles
{
    /// <summary>Writes one into a folder; its path.</summary>
    public static string Write(string name, string folder)
    {
        string path = Path.Combine(folder, name);
        using Stream source = typeof(PeerFiles).Assembly.GetManifestResourceStream(name)!;
        using FileStream file = File.Create(path);
        source.CopyTo(file);
        return path;
    }
}
