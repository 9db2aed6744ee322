using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Generator.Tests;

namespace ModelDsl.Attacks.Sources;

/// <summary>
/// Records as they are while somebody writes them, through the generator: a diagnostic, or code that compiles; never an
/// exception, and never over a second.
/// </summary>
internal sealed class SourceAttack : Attack
{
    private const string Usings = "global using ModelDsl; global using ModelDsl.Layers; global using ModelDsl.Runtime; global using static ModelDsl.Ops; global using System.Collections.Generic; global using System.Linq;\n";
    private static readonly MetadataReference s_layers = MetadataReference.CreateFromFile(typeof(Linear).Assembly.Location);

    private static readonly string[] s_words =
    [
        "0", "1", "-1", "2147483647", "3000000000", "1.5f", "\"\"", "null", "int", "bool", "float", "Tensor", "Tokens", "Width", "Heads", "new", "this", "ref", "out", "static", "partial", "record", "class", "public", "private", "=>", "=", "(", ")", "{", "}", "[", "]", "<", ">", ",", ";", "*", "/", "%", "+", "-", "?",
        ":", "x", "[Weight]", "[Layer]", "[Model]", "[Preset]", "Repeat", "Softmax", "Transpose", "SplitHeads", "Reshape", "return", "if", "for", "var", "@class", "Forward", "Loss", "sizeof", "await", "where", "T", "typeof(int)", "nameof(Width)", "default", "Device", "Kernel",
    ];

    private readonly string[] _sources = [.. ReadSources()];
    private readonly TokenMutator _mutator = new(s_words);
    private GeneratorDriver _warm = null!;

    public override string Name => "sources";

    public override string Description => "edited records through the generator: a diagnostic, or code that compiles";

    public override string Extension => "cs.txt";

    public override int Weight => 6;

    public override int QuickCases => 15;

    // The generator has a second; the rest is the C# compiler's check of what it made.
    public override CaseLimits Limits => new(Seconds: 30, HangSeconds: 60, WaitSeconds: 300, HeapMegabytes: 3072);

    public override void Open(string folder)
    {
        _warm = GeneratorHost.Driver();
        foreach (string source in _sources)
            _warm = _warm.RunGenerators(Compile(source));
    }

    public override byte[] Create(Random random) => Encoding.UTF8.GetBytes(_mutator.Change(ByteMutator.Pick(_sources, random), random));

    public override void Run(byte[] input, string folder)
    {
        var compilation = Compile(Encoding.UTF8.GetString(input));
        var begin = Environment.CpuUsage.TotalTime;
        var driver = _warm.RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        double seconds = (Environment.CpuUsage.TotalTime - begin).TotalSeconds;
        var result = driver.GetRunResult().Results.Single();
        if (result.Exception is { } exception)
            throw new AttackException($"{Refusal.Kind(exception)} stops the generator (CS8785): {exception}");
        if (result.Diagnostics.FirstOrDefault(diagnostic => diagnostic.Id == "MD0900") is { } defect)
            throw new AttackException($"MD0900 {string.Join(" ", defect.GetMessage().Split(' ').TakeLast(2))}: {defect.GetMessage()}");
        if (seconds > 1)
            throw new AttackException(FormattableString.Invariant($"the generator is slow: {seconds:0.0} s"));
        if (result.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) || compilation.SyntaxTrees.Any(tree => tree.GetDiagnostics().Any(IsError)))
            throw new RefusedSourceException();
        var errors = output.GetDiagnostics().Where(IsError).ToArray();
        var written = compilation.SyntaxTrees.ToHashSet();
        if (errors.Any(error => error.Location.SourceTree is { } tree && written.Contains(tree)))
            throw new RefusedSourceException(); // C# itself has told the user
        if (errors.Length > 0)
            throw new AttackException($"{errors[0].Id} in generated code: {errors[0]}");
    }

    public override bool IsRefusal(Exception error) => error is RefusedSourceException;

    private static bool IsError(Diagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error;

    private static CSharpCompilation Compile(string source) => GeneratorHost.Compilation([source, Usings], "Attacked", s_layers);

    private static IEnumerable<string> ReadSources()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.EndsWith("Source", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }
}

/// <summary>A source got a diagnostic.</summary>
internal sealed class RefusedSourceException : Exception;
