using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using ModelDsl.Generator.Tests;
using ModelDsl.Gpu.Cuda;

namespace ModelDsl.Gpu.Tests.Cuda;

/// <summary>
/// Every kernel of the library compiles for every GPU that it is for, and the resources that the compiler gives it (registers,
/// on-chip memory, spills) have not changed. A class takes part by its member <c>static IEnumerable&lt;KernelSource&gt; Variants</c>.
/// </summary>
/// <remarks>To accept a change: MODELDSL_ACCEPT=1 dotnet test tests/ModelDsl.Gpu.Tests --filter CompiledKernels.</remarks>
public sealed partial class CompiledKernelsTests
{
    [LibraryFact(TestLibraries.Nvrtc11)]
    public void Nvrtc11()
    {
        Nvrtc nvrtc = TestLibraries.Only(TestLibraries.Nvrtc11).Nvrtc;
        Verify(Report(nvrtc, Variants().Where(source => !source.IsHopper), 80, 90), "Nvrtc11");
    }

    [LibraryFact(TestLibraries.Nvrtc12)]
    public void Nvrtc12()
    {
        Nvrtc nvrtc = TestLibraries.Only(TestLibraries.Nvrtc12).Nvrtc;
        Verify(Report(nvrtc, Variants().Where(source => source.IsHopper), 90), "Nvrtc12");
    }

    [Fact]
    public void EverySourceOfTheLibraryBelongsToAClass() => Assert.Empty(
        typeof(KernelSource).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".c", StringComparison.Ordinal) || name.EndsWith(".cu", StringComparison.Ordinal))
            .Except(Variants().Select(source => source.Name)));

    private static IEnumerable<KernelSource> Variants() =>
        from type in typeof(KernelSource).Assembly.GetTypes()
        let member = type.GetProperty("Variants", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where member is not null && member.PropertyType.IsAssignableTo(typeof(IEnumerable<KernelSource>))
        from source in (IEnumerable<KernelSource>)member.GetValue(null)!
        select source;

    // The compiler's choices depend a little on earlier compilations in the process (NVRTC 11.8: 134 registers or
    // 136): a line that differs by at most 8 registers and 32 bytes of stack and spills counts as equal.
    private static void Verify(string received, string name, [CallerFilePath] string test = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(test)!, $"{nameof(CompiledKernelsTests)}.{name}.verified.txt");
        Dictionary<string, string> recorded = Lines(File.Exists(path) ? File.ReadAllText(path) : "").ToDictionary();
        Snapshot.Verify(string.Join('\n', Lines(received).Select(line =>
            recorded.TryGetValue(line.Key, out string? before) && IsNear(before, line.Value) ? before : line.Value)), name, test: test);
    }

    /// <summary>The lines, each with its kernel and GPU as the key.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Lines(string text)
    {
        string kernel = "";
        foreach (string line in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith(' '))
                yield return new(kernel + line[..line.IndexOf(':')], line);
            else
                yield return new(kernel = line, line);
        }
    }

    private static bool IsNear(string before, string now)
    {
        return Near("registers", 8) && Near("bytes on chip", 0) && Near("bytes of stack", 32) && Near("bytes of spill stores", 32);

        bool Near(string what, int slack) => Math.Abs(Number(before, what) - Number(now, what)) <= slack;

        static int Number(string line, string what) =>
            Regex.Match(line, $@"(\d+) {what}") is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan) : 0;
    }

    private static string Report(Nvrtc nvrtc, IEnumerable<KernelSource> sources, params int[] capabilities)
    {
        var text = new StringBuilder();
        foreach (KernelSource source in sources
            .DistinctBy(source => NvrtcJob.For(nvrtc, source, capabilities[0]).Key)
            .OrderBy(source => source.Name, StringComparer.Ordinal).ThenBy(Defines, StringComparer.Ordinal))
        {
            var reports = capabilities.Select(capability => (capability, Kernels: Compile(nvrtc, source, capability))).ToList();
            foreach (KernelSignature kernel in KernelSignature.ParseAll(source))
            {
                if (!reports.Any(report => report.Kernels.ContainsKey(kernel.Name)))
                    continue; // belongs to another variant
                text.AppendLine($"{source.Name} {kernel.Name}{Defines(source)}");
                foreach ((int capability, var kernels) in reports)
                    text.AppendLine($"  sm_{capability}: {kernels[kernel.Name]}");
            }
        }
        return text.ToString();
    }

    private static string Defines(KernelSource source) => string.Concat(source.Defines.Select(define => $" {define.Name}={define.Value}"));

    // The output of ptxas for each kernel, shortened: "32 registers, 1024 bytes on chip, 8 bytes spilled".
    private static Dictionary<string, string> Compile(Nvrtc nvrtc, KernelSource source, int capability)
    {
        NvrtcJob job = NvrtcJob.For(nvrtc, source, capability);
        string log = Log(job);
        return Entry().Matches(log).ToDictionary(match => match.Groups["kernel"].Value, match =>
        {
            string shared = Shared().Match(match.Groups["used"].Value) is { Success: true } bytes ? $", {bytes.Groups[1].Value} bytes on chip" : "";
            string spills = (match.Groups["stores"].Value, match.Groups["loads"].Value) is ("0", "0")
                ? "" : $", {match.Groups["stores"].Value} bytes of spill stores, {match.Groups["loads"].Value} of loads";
            string stack = match.Groups["stack"].Value == "0" ? "" : $", {match.Groups["stack"].Value} bytes of stack";
            return $"{match.Groups["registers"].Value} registers{shared}{stack}{spills}";
        });
    }

    // All kernels take a minute: the output of ptxas is cached beside the compilers until the sources change.
    private static string Log(NvrtcJob job)
    {
        string path = Path.Combine(TestLibraries.Folder("compiled"), job.Key + ".log");
        if (File.Exists(path))
            return File.ReadAllText(path);
        string log = job.Run([.. job.Options, "--ptxas-options=-v"], ptx: false).Log;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText($"{path}.{Environment.ProcessId}", log);
        File.Move($"{path}.{Environment.ProcessId}", path, overwrite: true);
        return log;
    }

    [GeneratedRegex(@"Compiling entry function '(?<kernel>\w+)'.*?(?<stack>\d+) bytes stack frame, (?<stores>\d+) bytes spill stores, (?<loads>\d+) bytes spill loads.*?Used (?<registers>\d+) registers(?<used>[^\n]*)", RegexOptions.Singleline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex Shared();
}
