using ModelDsl.Runtime;

namespace ModelDsl.Inference;

/// <summary>
/// Continues sequences of tokens, one token at a time, with the keys and values of the tokens before in a cache that
/// grows. It reads the weights where they stand: one made from a trainer's weights sees every step.
/// </summary>
/// <remarks>
/// The same weights, prompt, sampling and seed give the same tokens for every number of threads and in every batch. One thread
/// at a time: a call beside another thread's is refused with a <see cref="ConcurrentUseException"/>; disposed of during a
/// call, the generator is gone when that ends.
/// </remarks>
public sealed class Generator : IDisposable
{
    private readonly DecodeProgram _program;
    private readonly WeightStore _weights;
    private readonly bool _ownsWeights;
    private readonly Lifetime _lifetime;
    private DecodeSession? _session;
    private long _run;

    /// <param name="ownsWeights">Disposes of them with itself.</param>
    /// <exception cref="ArgumentException">The weights are of another model: says where they differ.</exception>
    public Generator(DecodeProgram program, WeightStore weights, GeneratorOptions? options = null, bool ownsWeights = false)
    {
        (_program, _weights, _ownsWeights, Options) = (program, weights, ownsWeights, options ?? new());
        ArgumentOutOfRangeException.ThrowIfNegative(Options.Context);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Options.PromptChunk);
        ModelWeights.Check(program.ModelName, program.Weights, weights);
        _lifetime = new(nameof(Generator), Free);
        Context = Options.Context == 0 ? program.LengthLimit : Math.Min(Options.Context, program.LengthLimit);
    }

    public GeneratorOptions Options { get; }

    /// <summary>Positions of a sequence at most, prompt included.</summary>
    public int Context { get; }

    /// <summary>Token ids are below it.</summary>
    public int Vocabulary => _program.Vocabulary;

    /// <summary>
    /// The tokens that follow a prompt, as they are made: up to a stop token, <paramref name="maximumTokens"/>, or the end
    /// of the context. A later call on this generator ends the enumeration of this one.
    /// </summary>
    /// <param name="sampling">Null is <see cref="Sampling.Greedy"/>.</param>
    /// <exception cref="ArgumentException">The prompt is empty, longer than the context, or has a token that the model does not have.</exception>
    public IEnumerable<int> Stream(ReadOnlySpan<int> prompt, Sampling? sampling = null, int maximumTokens = int.MaxValue)
    {
        Check(prompt, "The prompt");
        return Stream(prompt.ToArray(), new Sampler(sampling ?? Sampling.Greedy, Vocabulary), maximumTokens);
    }

    private IEnumerable<int> Stream(int[] prompt, Sampler sampler, int maximumTokens)
    {
        long run = Begin(batch: 1);
        var text = new TokenHistory(prompt);
        for (int made = 0; made < maximumTokens; made++)
        {
            int token = Next(run, text, sampler);
            if (Options.StopTokens.Contains(token)) yield break;
            yield return token;
            text.Add(token);
            if (text.Count > Context) yield break;
        }
    }

    private int Next(long run, TokenHistory text, Sampler sampler)
    {
        using var use = _lifetime.EnterAlone();
        if (run != _run) throw new InvalidOperationException("Another call on this generator has ended this enumeration: make a generator for each text that is read at the same time.");
        var session = _session!;
        session.Append(text.From(session.Length));
        return sampler.Next(session.Logits(0), text.Tokens, stream: 0);
    }

    /// <summary>
    /// Continues several prompts side by side, which reads the weights once for all of them. Each gets what it would get
    /// alone with the seed of its place: sequence i draws from stream i.
    /// </summary>
    /// <remarks>What the prompts have beyond the shortest one's length goes through the model a token at a time.</remarks>
    /// <returns>For each prompt the tokens that follow it, as <see cref="Stream(ReadOnlySpan{int}, Sampling?, int)"/> would end them.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, longer than the context, or has a token that the model does not have.</exception>
    public int[][] Generate(IReadOnlyList<int[]> prompts, Sampling? sampling = null, int maximumTokens = int.MaxValue)
    {
        for (int i = 0; i < prompts.Count; i++) Check(prompts[i], $"Prompt {i}");
        if (prompts.Count == 0) return [];
        using var use = _lifetime.EnterAlone();
        Begin(prompts.Count);
        return BatchGeneration.Run(_session!, prompts, new Sampler(sampling ?? Sampling.Greedy, Vocabulary), Options.StopTokens, Context, maximumTokens);
    }

    /// <summary>
    /// The log-probability of each token of a continuation, given the prompt and the tokens of the continuation before it.
    /// </summary>
    /// <remarks>The continuation goes through the model a token at a time.</remarks>
    /// <exception cref="ArgumentException">The prompt is empty, both are longer than the context, or there is a token that the model does not have.</exception>
    public float[] Score(ReadOnlySpan<int> prompt, ReadOnlySpan<int> continuation)
    {
        Check(prompt, "The prompt");
        if (continuation.Length == 0) return [];
        Check([.. prompt, .. continuation], "The prompt with its continuation");
        using var use = _lifetime.EnterAlone();
        Begin(batch: 1);
        var scores = new float[continuation.Length];
        _session!.Append(prompt);
        for (int i = 0; i < scores.Length; i++)
        {
            if (i > 0) _session.Append(continuation.Slice(i - 1, 1));
            scores[i] = LogSoftmax.At(_session.Logits(0), continuation[i]);
        }
        return scores;
    }

    /// <summary>An empty session of so many sequences.</summary>
    private long Begin(int batch)
    {
        using var use = _lifetime.EnterAlone();
        if (_session?.Batch != batch)
        {
            _session?.Dispose();
            _session = null;
            _session = new DecodeSession(_program, _weights, batch, Context, Options.PromptChunk);
        }
        _session.Truncate(0);
        return ++_run;
    }

    private void Check(ReadOnlySpan<int> tokens, string what)
    {
        if (tokens.Length == 0) throw new ArgumentException($"{what} is empty: begin with the token that the model's texts begin with.");
        if (tokens.Length > Context)
            throw new ArgumentException($"{what} has {tokens.Length} tokens, more than the {Context} positions of {_program.ModelName}'s context: cut it, or give the model a longer context.");
        for (int i = 0; i < tokens.Length; i++)
            if ((uint)tokens[i] >= (uint)Vocabulary)
                throw new ArgumentException($"{what} has token {tokens[i]} at place {i}; {_program.ModelName} has tokens 0 to {Vocabulary - 1}. Is the tokenizer the model's?");
    }

    public void Dispose() => _lifetime.Dispose();

    private void Free()
    {
        _session?.Dispose();
        if (_ownsWeights) _weights.Dispose();
    }
}
