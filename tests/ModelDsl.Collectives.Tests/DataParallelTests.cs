using System.Runtime.InteropServices;
using ModelDsl.Collectives.Ranks;

namespace ModelDsl.Collectives.Tests;

/// <summary>A compiled model trained by several ranks equals the model that one process trains.</summary>
public sealed class DataParallelTests
{
    [MpiTheory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 1)]
    [InlineData(2, 2)]
    public async Task Ranks_train_as_one_process_that_adds_their_parts_in_order(int ranks, int accumulation)
    {
        var outcomes = await Train(ranks, accumulation);
        var expected = Training.AddParts(ranks, accumulation);
        foreach (var outcome in outcomes)
        {
            AssertSameBits(expected.Losses, outcome.Losses);
            AssertSameBits(expected.FirstGradients, outcome.FirstGradients);
            AssertSameBits(expected.Weights, outcome.Weights);
        }
    }

    [MpiTheory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Ranks_train_as_one_on_the_undivided_batch_up_to_rounding(int ranks)
    {
        var outcome = (await Train(ranks, 1))[0];
        var whole = Training.Train(null, 1);
        // A gradient is a sum over examples of products that depend on sums over pixels, and twice over the hidden layer, forward
        // and back: with another split, another order of at most so many additions, each of which rounds by 2^-24.
        float error = 2 * (Training.Examples + Training.Pixels + 4 * Training.Hidden) * MathF.ScaleB(1, -24);
        float[] sizes = Training.FirstGradientSizes();
        Assert.Equal(whole.FirstGradients.Length, outcome.FirstGradients.Length);
        for (int i = 0; i < sizes.Length; i++)
            Assert.True(Math.Abs(whole.FirstGradients[i] - outcome.FirstGradients[i]) <= error * sizes[i],
                $"gradient {i}: {whole.FirstGradients[i]:G9} and {outcome.FirstGradients[i]:G9}, of {sizes[i]:G9} in all");
        Assert.InRange(outcome.Losses[0], whole.Losses[0] * (1 - error), whole.Losses[0] * (1 + error));
        Assert.True(outcome.Losses[^1] < 0.9f * outcome.Losses[0], $"the ranks have learned nothing: {string.Join(", ", outcome.Losses)}");
    }

    [MpiTheory]
    [InlineData("seed", "The 2 ranks are given different options: Seed (here RANK7).")]
    [InlineData("step", "Rank RANK has done RANKSTEPS steps, all 2 ranks together 3: they must begin at the same. Resume all from the same checkpoint.")]
    public async Task Ranks_that_would_train_different_models_are_refused(string what, string expected)
    {
        var ended = await Launch.Mpirun(2, "differ", what);
        Assert.True(ended.Code == 0, ended.All);
        for (int rank = 0; rank < 2; rank++)
            Assert.Contains(expected.Replace("RANKSTEPS", $"{3 * (1 - rank)}").Replace("RANK7", $"{7 + rank}").Replace("RANK", $"{rank}"), ended.All);
    }

    private static async Task<Training.Outcome[]> Train(int ranks, int accumulation)
    {
        var folder = Directory.CreateTempSubdirectory("modeldsl-ranks-");
        try
        {
            var ended = await Launch.Mpirun(ranks, "train", folder.FullName, $"{accumulation}");
            Assert.True(ended.Code == 0, ended.All);
            return [.. Enumerable.Range(0, ranks).Select(rank => Training.Read(folder.FullName, rank))];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AssertSameBits(float[] expected, float[] actual) =>
        Assert.Equal(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray());
}
