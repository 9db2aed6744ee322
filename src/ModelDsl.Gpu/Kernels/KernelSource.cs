using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace ModelDsl.Gpu;

/// <summary>
/// Source in the kernel dialect: C99 with the macros of <c>dialect.h</c>, which both NVRTC and OpenCL compile.
/// </summary>
/// <param name="Name">Its name in errors, a file name: "adamw.c".</param>
/// <param name="Text">The source, without the dialect's header; line numbers in errors count from its first line.</param>
/// <param name="Defines">Constants of this variant, in order: HEAD_SIZE 64.</param>
public sealed partial record KernelSource(string Name, string Text, params IReadOnlyList<(string Name, string Value)> Defines)
{
    private static readonly ConcurrentDictionary<string, string> s_texts = new();

    /// <summary>Whether it is CUDA C++ with <c>ptx.h</c>, only for NVIDIA's GPUs: a file that ends in .cu.</summary>
    public bool IsCuda => Name.EndsWith(".cu", StringComparison.Ordinal);

    /// <summary>
    /// Whether it uses instructions of compute capability 9.0 alone (wgmma) and is compiled for sm_90a, which needs NVRTC 12: it
    /// includes <c>ptx_hopper.h</c>.
    /// </summary>
    public bool IsHopper => Text.Contains("#include \"ptx_hopper.h\"", StringComparison.Ordinal);

    /// <summary>The headers of this library that a CUDA source includes, and those that they include, in that order.</summary>
    internal IReadOnlyList<(string Name, string Text)> Headers
    {
        get
        {
            List<(string Name, string Text)> headers = [];
            void Collect(string text)
            {
                foreach (Match include in Include().Matches(text))
                    if (include.Groups["name"].Value is var name && headers.All(header => header.Name != name))
                    {
                        headers.Add((name, OwnText(name)));
                        Collect(OwnText(name));
                    }
            }
            if (IsCuda)
                Collect(Text);
            return headers;
        }
    }

    /// <summary>One of this library's own sources, by file name.</summary>
    internal static KernelSource Own(string file, params IReadOnlyList<(string Name, string Value)> defines) =>
        new(file, OwnText(file), defines);

    /// <summary>The text of one of this library's own files.</summary>
    internal static string OwnText(string file) => s_texts.GetOrAdd(file, static name =>
    {
        using Stream stream = typeof(KernelSource).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"There is no kernel source named {name}.", nameof(file));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    [GeneratedRegex("^#include \"(?<name>\\w+\\.h)\"", RegexOptions.Multiline)]
    private static partial Regex Include();
}
