namespace ModelDsl.Runtime.Tests.Observability;

public class ConsoleProgressTests
{
    [Fact]
    public void APipeGetsPlainLinesNowAndThen()
    {
        string[] lines = Show(redraw: false, steps: 400).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 20, 26);
        Assert.StartsWith("step   1/400  loss 4.0000", lines[0]);
        Assert.Contains("validation 3.5000", lines[^1]);
        Assert.Contains("4,000 tokens/s", lines[^1]);
        Assert.Contains("50.0 % of peak", lines[^1]);
        Assert.Contains("took 0:0", lines[^1]);
        Assert.Contains("ETA ", lines[3]);
        Assert.All(lines, line => Assert.DoesNotContain('\u001b', line));
    }

    [Theory]
    [InlineData(120)]
    [InlineData(60)]
    [InlineData(20)]
    [InlineData(5)]
    public void ATerminalsLineNeverWraps(int width)
    {
        string text = Show(redraw: true, steps: 3, width);
        Assert.EndsWith(Environment.NewLine, text);
        string[] drawn = text.TrimEnd().Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(drawn, line => Assert.InRange(line.Replace("\u001b[K", "").Length, 1, width - 1));
        Assert.Equal(width >= 120, text.Contains('█'));
        Assert.Equal(width >= 20, text.Contains("step 3/3"));
    }

    private static string Show(bool redraw, int steps, int width = 80)
    {
        using var output = new StringWriter();
        using (var progress = new ConsoleProgress(output, redraw, () => width))
            for (int step = 1; step <= steps; step++)
                progress.Report(new()
                {
                    Step = step, Steps = steps, Loss = 4, ValidationLoss = step % 100 == 0 ? 3.5f : null, Tokens = 1000, Milliseconds = 250, PeakShare = 0.5,
                });
        return output.ToString();
    }
}
