using ModelDsl.Inference.Tests.Support;

namespace ModelDsl.Inference.Tests;

/// <summary>Logits of tokens that arrive a few at a time, against Forward on all of them.</summary>
public class DecodingTests
{
    private const int Length = 11;

    /// <summary>The same sums in another order: half an ulp, 6e-8, for each of some 200 roundings on the way of a value.</summary>
    private const double Tolerance = 1.2e-5;

    public static TheoryData<string> Names => TestModels.Names;

    [Theory, MemberData(nameof(Names))]
    public void TokenByTokenIsTheWhole(string name) => IsTheWhole(name, batch: 1, Enumerable.Repeat(1, Length));

    [Theory, MemberData(nameof(Names))]
    public void SequencesSideBySideAreTheWhole(string name) => IsTheWhole(name, batch: 3, [4, 1, 1, 3, 2]);

    [Theory, MemberData(nameof(Names))]
    public void APromptMayBeSplitAnywhere(string name)
    {
        for (int split = 1; split < Length; split++) IsTheWhole(name, batch: 2, [split, Length - split]);
    }

    [Theory, MemberData(nameof(Names))]
    public void ChunksOfAPromptAreThePrompt(string name) => IsTheWhole(name, batch: 2, [Length], chunk: 3);

    private static void IsTheWhole(string name, int batch, IEnumerable<int> parts, int chunk = 512)
    {
        var model = TestModels.Get(name);
        using var device = Device.Cpu(2);
        using var weights = model.Weights(device);
        int[] tokens = TestModels.Tokens(batch * Length, seed: 5);
        using var predictor = model.CreatePredictor(weights);
        var whole = predictor.NewBatch(batch, Length);
        tokens.CopyTo(whole.Integers("tokens"));
        float[] expected = predictor.Run(whole).ToArray();
        Assert.Equal([TestModels.Vocabulary], predictor.Outputs[0].Shape);
        double tolerance = Tolerance * expected.Max(Math.Abs);

        using var session = new DecodeSession(model.CreateDecodeProgram(), weights, batch, TestModels.Context, chunk);
        foreach (int count in parts)
        {
            int start = session.Length;
            session.Append([.. Enumerable.Range(0, batch).SelectMany(b => tokens.Skip(b * Length + start).Take(count))]);
            for (int b = 0; b < batch; b++)
                for (int v = 0; v < TestModels.Vocabulary; v++)
                    Assert.Equal(expected[(b * Length + session.Length - 1) * TestModels.Vocabulary + v], session.Logits(b)[v], tolerance);
        }
        Assert.Equal(Length, session.Length);
    }

    [Theory, MemberData(nameof(Names))]
    public void CachesGrowWithTheirTokens(string name)
    {
        var model = TestModels.Get(name);
        using var device = Device.Cpu(2);
        using var weights = model.Weights(device);
        int[] tokens = TestModels.Tokens(2 * 270, seed: 6);
        using var grown = new DecodeSession(model.CreateDecodeProgram(), weights, batch: 2, TestModels.Context, chunk: 512);
        using var atOnce = new DecodeSession(model.CreateDecodeProgram(), weights, batch: 2, TestModels.Context, chunk: 512);
        atOnce.Append(tokens);
        grown.Append([.. tokens.Take(200), .. tokens.Skip(270).Take(200)]);
        int room = grown.Room;
        grown.Append([.. tokens.Skip(200).Take(70), .. tokens.Skip(470)]);
        Assert.True(grown.Room > room);
        for (int b = 0; b < 2; b++)
        {
            double tolerance = Tolerance * atOnce.Logits(b).ToArray().Max(Math.Abs);
            for (int v = 0; v < TestModels.Vocabulary; v++) Assert.Equal(atOnce.Logits(b)[v], grown.Logits(b)[v], tolerance);
        }
    }

    [Fact]
    public void ThreadsChangeNoBit()
    {
        // Large enough for every product and attention to be cut into parts.
        var model = new ModelDsl.Conformance.Tests.Models.Llama(Vocab: 1000, Width: 256, Layers: 2, Heads: 8, KeyHeads: 4, HeadWidth: 32, Hidden: 768);
        float[][] scores = [.. new[] { 1, 2, 4 }.Select(threads =>
        {
            using var device = Device.Cpu(threads);
            using var weights = model.Weights(device);
            using var generator = model.CreateGenerator(weights);
            return generator.Score(TestModels.Tokens(40, seed: 1), TestModels.Tokens(20, seed: 2));
        })];
        Assert.Equal(scores[0], scores[1]);
        Assert.Equal(scores[0], scores[2]);
        Assert.True(scores[0].Distinct().Count() > 10);
    }

    [Fact]
    public void ATokenAllocatesNothing()
    {
        using var device = Device.Cpu(2);
        var model = TestModels.Any;
        using var weights = model.Weights(device);
        using var generator = model.CreateGenerator(weights);
        var sampling = new Sampling { Temperature = 0.9f, MostLikely = 30, Nucleus = 0.9f, LeastRatio = 0.01f, RepetitionPenalty = 1.1f, RepetitionWindow = 20 };
        using var tokens = generator.Stream(TestModels.Tokens(5, seed: 3), sampling).GetEnumerator();
        for (int i = 0; i < 20; i++) Assert.True(tokens.MoveNext());
        Assert.Equal(0, Allocation.LeastOf(() => tokens.MoveNext()));
    }
}
