using System.Xml.Linq;

namespace ModelDsl.Runtime.Tests.Observability;

public class LossCurveTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void IsWellFormedWithinItsFrameAndSmall(int steps)
    {
        string svg = LossCurve.Draw(Run(steps), "A <run> & \"more\"");
        var picture = XDocument.Parse(svg);
        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal("A <run> & \"more\"", picture.Root!.Element(space + "title")!.Value);
        Assert.InRange(svg.Length, 200, 60_000);
        Assert.DoesNotContain("NaN", svg);
        foreach (var circle in picture.Descendants(space + "circle"))
        {
            Assert.InRange((double)circle.Attribute("cx")!, 76, 924);
            Assert.InRange((double)circle.Attribute("cy")!, 84, 484);
        }
        Assert.Equal(steps >= 100, svg.Contains("validation "));
    }

    [Fact]
    public void ConstantAndExtremeLossesHaveAxes()
    {
        foreach (float loss in (float[])[0, -3, 1e-9f, 1e20f])
        {
            var metrics = Enumerable.Range(1, 5).Select(step => new StepMetrics { Step = step, Loss = loss }).ToArray();
            Assert.DoesNotContain("NaN", LossCurve.Draw(metrics, "constant"));
        }
    }

    [Theory]
    [InlineData(0, 1, "0.0,0.2,0.4,0.6,0.8,1.0")]
    [InlineData(1.13, 4.2, "1,2,3,4,5")]
    [InlineData(0, 20_000, "0,5,000,10,000,15,000,20,000")]
    [InlineData(-0.05, 0.04, "-0.06,-0.04,-0.02,0.00,0.02,0.04")]
    public void TicksAreNice(double low, double high, string expected)
    {
        var axis = new AxisScale(low, high, 0, 100, ticks: 5, extend: true);
        Assert.Equal(expected, string.Join(",", axis.Ticks.Select(axis.Label)));
    }

    internal static StepMetrics[] Run(int steps)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(1, steps).Select(step =>
        {
            double curve = 1.45 + 2.75 * Math.Exp(-step * 12.0 / (steps + 1)) + 0.6 * Math.Exp(-step * 2.0 / (steps + 1));
            return new StepMetrics
            {
                Step = step,
                Steps = steps,
                Loss = (float)(curve + 0.25 * (random.NextDouble() - 0.5) + (step % 997 == 0 ? 3 : 0)),
                ValidationLoss = step % 100 == 0 && step % Math.Max(1, steps / 20) == 0 ? (float)(curve + 0.08 + 0.0001 * step * 100 / steps) : null,
                GradientNorm = 0.5f,
                LearningRate = 1e-3,
                Tokens = 3072,
                Milliseconds = 250,
                PeakShare = 0.62,
            };
        })];
    }
}
