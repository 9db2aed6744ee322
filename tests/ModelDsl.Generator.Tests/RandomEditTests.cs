using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ModelDsl.Generator.Tests;

/// <summary>
/// Records as they are while somebody edits them: tokens removed, doubled, swapped and exchanged, the end cut off. The generator gives
/// a diagnostic, or code that compiles; it never fails.
/// </summary>
public class RandomEditTests
{
    private const int Edits = 40;

    public static TheoryData<string, int> Records => new() { { "Classifier", 1 }, { "Gpt2", 2 }, { "Llama", 3 } };

    [Theory]
    [MemberData(nameof(Records))]
    public void ADiagnosticOrCodeThatCompiles(string record, int seed)
    {
        string source = TestFiles.Record(record);
        var tokens = CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens().Where(token => token.Span.Length > 0).ToArray();
        var random = new Random(seed);
        for (int edit = 0; edit < Edits; edit++) Check(Edit(source, tokens, random));
    }

    private static string Edit(string source, SyntaxToken[] tokens, Random random)
    {
        var (a, b) = (tokens[random.Next(tokens.Length)], tokens[random.Next(tokens.Length)]);
        string With(SyntaxToken token, string text) => source.Remove(token.SpanStart, token.Span.Length).Insert(token.SpanStart, text);
        return random.Next(6) switch
        {
            0 => With(a, ""),
            1 => With(a, $"{a} {a}"),
            2 => source[..a.SpanStart],
            3 => With(a, b.ToString()),
            4 when a.IsKind(SyntaxKind.NumericLiteralToken) || a.IsKind(SyntaxKind.IdentifierToken) => With(a, "0"),
            _ => With(a, tokens.Where(other => other.IsKind(a.Kind())).ElementAt(random.Next(tokens.Count(other => other.IsKind(a.Kind())))).ToString()),
        };
    }

    private static void Check(string source)
    {
        var run = GeneratorHost.Run(source);
        Assert.True(run.Result.Exception is null, $"{run.Result.Exception}\n{source}");
        Assert.True(run.Diagnostics.All(found => found.Id != "MD0900"), $"{string.Join("\n", run.Diagnostics)}\n{source}");
        var errors = run.Output.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error).ToArray();
        bool told = run.Diagnostics.Any(found => found.Severity == DiagnosticSeverity.Error) || errors.Any(error => error.Location.SourceTree?.FilePath == "Test.cs");
        Assert.True(told || errors.Length == 0, $"{string.Join("\n", errors.Take(3).Select(error => error.ToString()))}\n{source}");
    }
}
