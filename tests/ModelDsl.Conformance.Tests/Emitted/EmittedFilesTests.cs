using System.Runtime.CompilerServices;
using System.Text;
using ModelDsl.Compiler;
using ModelDsl.Conformance.Tests.Support;
using ModelDsl.Generator.Tests;

namespace ModelDsl.Conformance.Tests.Emitted;

/// <summary>The C# that is generated for whole models, file by file, as it was last read and accepted.</summary>
public class EmittedFilesTests
{
    /// <summary>Bytes of all generated C# of GPT-2: what the C# compiler takes well under a second for.</summary>
    private const int LargestGpt2 = 250 * 1024;

    private static readonly string[] Models = ["Gpt2", "Llama", "TextGpt"];

    public static IEnumerable<object[]> Files => Models.SelectMany(m => Emit(m).Select(f => new object[] { m, Short(m, f) }));

    [Theory, MemberData(nameof(Files))]
    public void Generated(string model, string file) => Snapshot.Verify(Emit(model).Single(f => Short(model, f) == file).Text, file, "cs.txt");

    [Fact]
    public void NoAcceptedFileIsLeftOver() => Assert.Equal(
        Models.SelectMany(m => Emit(m).Select(f => $"{nameof(EmittedFilesTests)}.{Short(m, f)}.verified.cs.txt")).Order(),
        Directory.GetFiles(Folder(), $"{nameof(EmittedFilesTests)}.*.verified.cs.txt").Select(Path.GetFileName).Order());

    [Fact]
    public void Gpt2IsSmall()
    {
        int bytes = Emit("Gpt2").Sum(f => Encoding.UTF8.GetByteCount(f.Text));
        Assert.True(bytes <= LargestGpt2, $"the generated C# of GPT-2 is {bytes} bytes, more than {LargestGpt2}");
    }

    private static readonly Dictionary<string, IReadOnlyList<GeneratedFile>> Emitted = [];

    private static IReadOnlyList<GeneratedFile> Emit(string model)
    {
        lock (Emitted)
        {
            if (Emitted.TryGetValue(model, out var known)) return known;
            var input = ModelSpecs.Get(model);
            var result = ModelCompiler.Compile(input.Model, input.Library);
            Assert.Empty(result.Diagnostics);
            return Emitted[model] = [.. result.Files];
        }
    }

    /// <summary>"Examples.TextGpt.TextGpt.Kernels.g.cs" is "TextGpt.Kernels".</summary>
    private static string Short(string model, GeneratedFile file) =>
        file.Name[..^".g.cs".Length].Split('.')[^1] is var part && part == model ? model : $"{model}.{part}";

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
