namespace ModelDsl.Inference.Tests;

/// <summary>Tokens drawn from known distributions.</summary>
public class SamplerTests
{
    private static readonly float[] Probabilities = [0.05f, 0.3f, 0.1f, 0.25f, 0.02f, 0.28f];

    [Theory]
    [InlineData(0, 1f, 0f, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(2, 1f, 0f, new[] { 1, 5 })]
    [InlineData(0, 0.6f, 0f, new[] { 1, 3, 5 })]
    [InlineData(0, 0.55f, 0f, new[] { 1, 5 })]
    [InlineData(0, 0.01f, 0f, new[] { 1 })]
    [InlineData(0, 1f, 0.3f, new[] { 1, 2, 3, 5 })]
    [InlineData(3, 0.9f, 0f, new[] { 1, 3, 5 })]
    public void EachTokenThatStaysIsDrawnAsOftenAsItIsLikely(int mostLikely, float nucleus, float leastRatio, int[] stay)
    {
        const int draws = 20_000;
        var sampler = new Sampler(new() { MostLikely = mostLikely, Nucleus = nucleus, LeastRatio = leastRatio }, Probabilities.Length);
        int[] counts = new int[Probabilities.Length];
        for (int i = 0; i < draws; i++) counts[sampler.Next(Logits(), [], stream: (ulong)i)]++;
        double mass = stay.Sum(i => Probabilities[i]);
        for (int i = 0; i < counts.Length; i++)
        {
            double p = stay.Contains(i) ? Probabilities[i] / mass : 0;
            // Five standard deviations of a binomial: once in two million.
            Assert.InRange(counts[i], draws * p - 5 * Math.Sqrt(draws * p * (1 - p)), draws * p + 5 * Math.Sqrt(draws * p * (1 - p)));
        }
    }

    [Fact]
    public void CutsAreThoseOfASort()
    {
        var random = new Random(3);
        for (int round = 0; round < 500; round++)
        {
            int size = random.Next(1, 200);
            // Few values, so that many are equal.
            float[] values = [.. Enumerable.Range(0, size).Select(_ => random.Next(0, 20) / 16f)];
            int[] sorted = [.. Enumerable.Range(0, size).Where(i => values[i] > 0).OrderByDescending(i => values[i]).ThenBy(i => i)];
            int count = random.Next(1, size + 1);
            double mass = values.Sum() * random.NextDouble(), sum = 0;
            int[] nucleus = [.. sorted.TakeWhile(i => { bool more = sum < mass; sum += values[i]; return more; })];
            Check(values, sorted.Take(count), (cut, v) => cut.KeepCount(v, count));
            Check(values, nucleus, (cut, v) => cut.KeepMass(v, mass));
        }

        static void Check(float[] values, IEnumerable<int> kept, Func<CandidateCut, float[], double> cut)
        {
            float[] after = [.. values];
            double sum = cut(new CandidateCut(values.Length), after);
            Assert.Equal(kept.Order(), Enumerable.Range(0, after.Length).Where(i => after[i] > 0));
            Assert.Equal(kept.Sum(i => (double)values[i]), sum);
            Assert.All(kept, i => Assert.Equal(values[i], after[i]));
        }
    }

    [Fact]
    public void GreedyTakesTheFirstOfEquals() => Assert.Equal(1, new Sampler(Sampling.Greedy, 4).Next([0, 2, 2, 1], [], 0));

    [Fact]
    public void ALowTemperatureIsNearlyGreedy()
    {
        var sampler = new Sampler(new() { Temperature = 0.01f }, Probabilities.Length);
        // 0.3 over 0.28, to the power of 100: the others have a share of 1e-3.
        Assert.True(Enumerable.Range(0, 1000).Count(i => sampler.Next(Logits(), [], (ulong)i) == 1) > 980);
    }

    [Fact]
    public void RepeatedTokensBecomeLessLikelyOnce()
    {
        float[] logits = [2, 1.5f, -1];
        var penalty = new Sampling { Temperature = 0, RepetitionPenalty = 2 };
        Assert.Equal(1, new Sampler(penalty, 3).Next(logits, [0, 2, 0], 0));
        Assert.Equal([1, 1.5f, -2], logits);
        Assert.Equal(0, new Sampler(penalty with { RepetitionWindow = 1 }, 3).Next([2, 1.5f, -1], [0, 2], 0));
    }

    [Theory, InlineData(float.NaN), InlineData(float.PositiveInfinity)]
    public void LogitsThatAreNotFiniteAreAnError(float logit) =>
        Assert.Contains("diverged", Assert.Throws<ArithmeticException>(() => new Sampler(Sampling.Greedy, 3).Next([0, logit, 1], [], 0)).Message);

    [Theory]
    [InlineData(-1, 0, 1, 0, 1, "Temperature")]
    [InlineData(1, -1, 1, 0, 1, "MostLikely")]
    [InlineData(1, 0, 0, 0, 1, "Nucleus")]
    [InlineData(1, 0, 1, 2, 1, "LeastRatio")]
    [InlineData(1, 0, 1, 0, 0, "RepetitionPenalty")]
    public void ValuesOutOfRangeAreErrors(float temperature, int mostLikely, float nucleus, float leastRatio, float penalty, string name)
    {
        var sampling = new Sampling { Temperature = temperature, MostLikely = mostLikely, Nucleus = nucleus, LeastRatio = leastRatio, RepetitionPenalty = penalty };
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new Sampler(sampling, 3)).ParamName);
    }

    private static float[] Logits() => [.. Probabilities.Select(p => MathF.Log(p))];
}
