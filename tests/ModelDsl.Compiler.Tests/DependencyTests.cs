using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ModelDsl.Compiler.Tests;

/// <summary>
/// The folders of the compiler depend on one another in one direction, <c>Spec, Ir, Ops, Passes, Lowering, Program, Targets</c>,
/// and only targets hold text of a target's language.
/// </summary>
public class DependencyTests
{
    /// <summary>What each folder may use, beside itself.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Diagnostics"] = [],
        ["Ir"] = [],
        ["Spec"] = ["Ir"],
        ["Ops"] = ["Ir"],
        ["Rules"] = ["Ir", "Ops"],
        ["Elaboration"] = ["Spec", "Ir", "Ops", "Diagnostics"],
        ["Passes"] = ["Ir", "Ops", "Rules"],
        ["Program"] = ["Ir", "Ops"],
        ["Lowering"] = ["Ir", "Ops", "Passes", "Program"],
        ["Targets"] = ["Spec", "Elaboration", "Ir", "Ops", "Passes", "Lowering", "Program", "Pipeline"],
        ["Pipeline"] = ["Spec", "Elaboration", "Ir", "Ops", "Passes", "Lowering", "Program", "Diagnostics"],
    };

    private static readonly Regex TargetText = new(@"Simd\.|_device\b|PointwiseText|TextField|""float\*");

    public static TheoryData<string> Folders => [.. Directory.GetDirectories(Compiler()).Select(d => Path.GetFileName(d)).Where(d => d is not ("bin" or "obj")).Order()];

    [Theory, MemberData(nameof(Folders))]
    public void Uses_go_one_way(string folder)
    {
        if (!Allowed.TryGetValue(folder, out string[]? allowed)) return;
        Check(Lines(folder).Where(l => Regex.Match(l.Text, @"^(?:global )?using (?:static )?ModelDsl\.Compiler\.(\w+)") is { Success: true } use
            && use.Groups[1].Value != folder && !allowed.Contains(use.Groups[1].Value)));
    }

    [Theory, MemberData(nameof(Folders))]
    public void Only_targets_hold_their_language(string folder)
    {
        if (folder is "Targets" or "Tokenizers") return;
        Check(Lines(folder).Where(l => TargetText.IsMatch(l.Text)));
    }

    private static void Check(IEnumerable<(string Place, string Text)> found) => Assert.Empty(found.Select(l => $"{l.Place}: {l.Text.Trim()}"));

    private static IEnumerable<(string Place, string Text)> Lines(string folder) => Directory.GetFiles(Path.Combine(Compiler(), folder), "*.cs", SearchOption.AllDirectories)
        .SelectMany(file => File.ReadLines(file).Select((text, i) => ($"{Path.GetRelativePath(Compiler(), file)}:{i + 1}", text)));

    private static string Compiler([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "generators", "ModelDsl.Compiler"));
}
