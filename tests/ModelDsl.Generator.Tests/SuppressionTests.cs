using Microsoft.CodeAnalysis;

namespace ModelDsl.Generator.Tests;

/// <summary>Diagnostics lie at real places of the source, so C#'s own means apply to them.</summary>
public class SuppressionTests
{
    private const string Unused = """
        using ModelDsl;
        [Layer]
        public partial record Scale(float Factor)
        {
            public Tensor Forward(Tensor x)
            {
                {0}
                Tensor scaled = Factor * x;
                {1}
                return x;
            }
        }
        """;

    [Fact]
    public void AWarningIsAWarning()
    {
        var diagnostic = Assert.Single(GeneratorHost.Run(Unused.Replace("{0}", "").Replace("{1}", "")).Diagnostics);
        Assert.Equal("MD0208", diagnostic.Id);
        Assert.False(diagnostic.IsSuppressed);
        Assert.True(diagnostic.Location.IsInSource);
        Assert.Equal("scaled", diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan));
    }

    [Fact]
    public void APragmaSuppresses()
    {
        var diagnostics = GeneratorHost.Run(Unused.Replace("{0}", "#pragma warning disable MD0208").Replace("{1}", "#pragma warning restore MD0208")).Diagnostics;
        Assert.True(Assert.Single(diagnostics).IsSuppressed);
    }

    [Fact]
    public void TheProjectDecidesTheSeverity()
    {
        var compilation = GeneratorHost.Compilation([Unused.Replace("{0}", "").Replace("{1}", "")]);
        var stricter = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions([new("MD0208", ReportDiagnostic.Error)]));
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(GeneratorHost.Run(stricter).Diagnostics).Severity);
    }
}
