using ModelDsl.Conformance.Tests.Models;
using ModelDsl.Inference.Tests.Support;

namespace ModelDsl.Inference.Tests;

/// <summary>What a generator does with prompts, limits and weights.</summary>
public sealed class GeneratorTests : IDisposable
{
    private readonly Device _device = Device.Cpu(2);
    private readonly WeightStore _weights;
    private readonly Generator _generator;

    public GeneratorTests()
    {
        _weights = TestModels.Any.Weights(_device);
        _generator = TestModels.Any.CreateGenerator(_weights, new() { Context = 40 });
    }

    public void Dispose()
    {
        _generator.Dispose();
        _weights.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void TheSameSeedGivesTheSameText()
    {
        var sampling = Sampling.TopP(0.95f, seed: 7);
        int[] text = [.. _generator.Stream([1, 2, 3], sampling, 30)];
        Assert.Equal(30, text.Length);
        Assert.Equal(text, _generator.Stream([1, 2, 3], sampling, 30));
        Assert.NotEqual(text, _generator.Stream([1, 2, 3], sampling with { Seed = 8 }, 30));
    }

    [Fact]
    public void EachOfABatchIsWhatItWouldBeAlone()
    {
        int[][] prompts = [[5, 6, 7, 8, 9], [3], [1, 2, 3, 4, 5, 6, 7, 8], [9, 9]];
        int[][] texts = _generator.Generate(prompts, Sampling.Greedy, 12);
        for (int i = 0; i < prompts.Length; i++) Assert.Equal(_generator.Stream(prompts[i], Sampling.Greedy, 12), texts[i]);
        var drawn = Sampling.TopK(20, seed: 3);
        Assert.Equal(_generator.Stream(prompts[0], drawn, 12), _generator.Generate(prompts, drawn, 12)[0]);
    }

    [Fact]
    public void SequencesOfABatchDrawTheirOwnNumbers()
    {
        int[][] texts = _generator.Generate([[1, 2], [1, 2]], Sampling.TopK(40), 20);
        Assert.NotEqual(texts[0], texts[1]);
    }

    [Fact]
    public void AStopTokenEndsTheText()
    {
        int[] text = [.. _generator.Stream([1], Sampling.TopK(60), 30)];
        int stop = text[4], first = Array.IndexOf(text, stop);
        using var stopping = TestModels.Any.CreateGenerator(_weights, new() { StopTokens = [stop] });
        Assert.Equal(text.Take(first), stopping.Stream([1], Sampling.TopK(60), 30));
        Assert.Equal(text.Take(first), stopping.Generate([[1]], Sampling.TopK(60), 30)[0]);
    }

    [Fact]
    public void TheContextEndsTheText()
    {
        // The last token needs no position: nothing follows it.
        Assert.Equal(40 - 3 + 1, _generator.Stream([1, 2, 3]).Count());
        Assert.Equal([38, 36], _generator.Generate([[1, 2, 3], [1, 2, 3, 4, 5]]).Select(t => t.Length));
    }

    [Fact]
    public void ThePromptMayFillTheContext() => Assert.Single(_generator.Stream(new int[40]));

    [Fact]
    public void ALongerPromptIsAnError() =>
        Assert.Contains("41 tokens, more than the 40 positions", Assert.Throws<ArgumentException>(() => _generator.Stream(new int[41])).Message);

    [Fact]
    public void TheModelsOwnTableIsALimitToo()
    {
        var model = TestModels.Get("GPT-2: table of positions, joint projection, biases");
        using var weights = model.Weights(_device);
        using var generator = model.CreateGenerator(weights, new() { Context = 1 << 20 });
        Assert.Equal(TestModels.Context, generator.Context);
    }

    [Fact]
    public void AnEmptyPromptIsAnError() => Assert.Contains("is empty", Assert.Throws<ArgumentException>(() => _generator.Stream([])).Message);

    [Theory, InlineData(-1), InlineData(TestModels.Vocabulary)]
    public void ATokenThatTheModelDoesNotHaveIsAnError(int token) =>
        Assert.Contains($"token {token} at place 2", Assert.Throws<ArgumentException>(() => _generator.Stream([1, 2, token])).Message);

    [Fact]
    public void WeightsOfAnotherModelAreAnError()
    {
        var other = new Llama(Vocab: TestModels.Vocabulary, Layers: 4, Hidden: 50);
        string message = Assert.Throws<ArgumentException>(() => other.CreateGenerator(_weights)).Message;
        Assert.Contains("Blocks.0.Mlp.Gate.Weight [48, 32] where it has Blocks.0.Mlp.Gate.Weight [50, 32]", message);
    }

    [Fact]
    public void AnotherTextEndsAnEnumeration()
    {
        using var first = _generator.Stream([1]).GetEnumerator();
        Assert.True(first.MoveNext());
        Assert.NotEmpty(_generator.Stream([2], maximumTokens: 1));
        Assert.Throws<InvalidOperationException>(() => first.MoveNext());
    }

    [Fact]
    public void ScoresAreTheTrainersLossAndFollowItsSteps()
    {
        var model = (Llama)TestModels.Any;
        using var trainer = model.CreateTrainer(_device, new() { Batch = 1, Length = 8 });
        TestModels.Fill(trainer.Weights);
        using var generator = model.CreateGenerator(trainer.Weights);
        int[] text = TestModels.Tokens(9, seed: 4);
        var batch = trainer.NewBatch();
        text.AsSpan(0, 8).CopyTo(batch.Integers("tokens"));
        text.AsSpan(1, 8).CopyTo(batch.Integers("targets"));
        for (int step = 0; step < 3; step++)
        {
            // Rounding of some 200 operations on values of the loss's size.
            Assert.Equal(trainer.Evaluate(batch), -generator.Score(text.AsSpan(0, 1), text.AsSpan(1)).Average(), 1.2e-5 * trainer.Evaluate(batch));
            float before = trainer.Evaluate(batch);
            trainer.Step(batch);
            Assert.NotEqual(before, trainer.Evaluate(batch));
        }
    }

    [Fact]
    public void ACheckpointGeneratesWhatItsWeightsDo()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".safetensors");
        try
        {
            _weights.Save(file);
            using var loaded = TestModels.Any.CreateGenerator(file, _device);
            Assert.Equal(_generator.Stream([4, 5], maximumTokens: 20), loaded.Stream([4, 5], maximumTokens: 20));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void ACheckpointOfOtherHyperparametersIsRefusedThoughItsShapesAreEqual()
    {
        string folder = Directory.CreateTempSubdirectory("modeldsl-").FullName;
        try
        {
            var model = new Llama(Vocab: TestModels.Vocabulary, Window: 4);
            using (var trainer = model.CreateTrainer(_device, new() { Batch = 1, Length = 4 }))
                trainer.Save(folder);
            model.CreateGenerator(folder, _device).Dispose();
            string message = Assert.Throws<CheckpointException>(() => (model with { Window = 5 }).CreateGenerator(folder, _device)).Message;
            Assert.Contains("(Window was 4, is 5)", message);
            Assert.Throws<CheckpointException>(() => (model with { Window = 5 }).CreatePredictor(folder, _device));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
