namespace ModelDsl.Gpu.Tests;

/// <summary>Locations in the logs of the known compilers.</summary>
public sealed class CompilerLogTests
{
    private static readonly KernelSource Source = new("adamw.c", "first line\n    second = line;\nthird\n", ("WIDTH", "4"));

    [Theory]
    [InlineData("adamw.c:2:12: error: use of undeclared identifier 'line'\n    second = line;\n             ^", "use of undeclared identifier 'line'")]
    [InlineData("error: adamw.c:2:12: use of undeclared identifier 'line'\n1 error generated.", "use of undeclared identifier 'line'")]
    [InlineData("adamw.c(1): warning #177-D: unused\n\nadamw.c(2): error: identifier \"line\" is undefined\n", "identifier \"line\" is undefined")]
    [InlineData("adamw.c:2: fatal error: 'line' file not found", "'line' file not found")]
    public void TheLineIsShownWithTheCompilersWords(string log, string words)
    {
        KernelCompilationException error = CompilerLog.Error(Source, "opencl:0 (GPU)", log);
        Assert.Equal($"adamw.c -DWIDTH=4 does not compile on opencl:0 (GPU):\nadamw.c(2): {words}\n    second = line;", error.Message);
        Assert.Equal(log, error.Log);
    }

    [Fact]
    public void ALogWithoutPlacesIsShownWhole() =>
        Assert.EndsWith("on sm_90:\nptxas fatal: out of something", CompilerLog.Error(Source, "sm_90", "ptxas fatal: out of something").Message);

    [Fact]
    public void OfManyErrorsTheFirstFiveAreShown()
    {
        string message = CompilerLog.Error(Source, "sm_90", string.Join('\n', Enumerable.Range(1, 8).Select(i => $"dialect.h({i}): error: number {i}"))).Message;
        Assert.EndsWith("dialect.h(5): number 5\nand 3 more", message);
    }
}
