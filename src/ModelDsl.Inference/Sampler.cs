using ModelDsl.Runtime;

namespace ModelDsl.Inference;

/// <summary>Chooses tokens as a <see cref="Sampling"/> says. Nothing is allocated by a choice.</summary>
/// <remarks>
/// The random number of a token is a function of the seed, the text's number and the token's position, so that a text does
/// not depend on what else is generated.
/// </remarks>
internal sealed class Sampler
{
    private readonly Sampling _sampling;
    private readonly float[] _probabilities;
    private readonly bool[] _penalised;
    private readonly CandidateCut _cut;

    public Sampler(Sampling sampling, int vocabulary)
    {
        sampling.Validate();
        _sampling = sampling;
        _probabilities = new float[vocabulary];
        _penalised = new bool[vocabulary];
        _cut = new CandidateCut(vocabulary);
    }

    /// <param name="logits">Of the next token; they are overwritten.</param>
    /// <param name="text">The tokens so far.</param>
    /// <param name="stream">The text's number.</param>
    /// <exception cref="ArithmeticException">The logits are not finite.</exception>
    public int Next(Span<float> logits, ReadOnlySpan<int> text, ulong stream)
    {
        Penalise(logits, text);
        int best = MostLikely(logits);
        if (_sampling.Temperature == 0) return best;
        var probabilities = _probabilities.AsSpan();
        float maximum = logits[best], inverse = 1 / _sampling.Temperature;
        double total = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            float probability = MathF.Exp((logits[i] - maximum) * inverse); // 1 of the most likely
            probabilities[i] = probability < _sampling.LeastRatio ? 0 : probability;
            total += probabilities[i];
        }
        if (_sampling.MostLikely > 0 && _sampling.MostLikely < logits.Length) total = _cut.KeepCount(probabilities, _sampling.MostLikely);
        if (_sampling.Nucleus < 1) total = _cut.KeepMass(probabilities, _sampling.Nucleus * total);
        return Draw(probabilities, total * Uniform(stream, (ulong)text.Length), best);
    }

    private void Penalise(Span<float> logits, ReadOnlySpan<int> text)
    {
        if (_sampling.RepetitionPenalty == 1) return;
        if (_sampling.RepetitionWindow > 0 && text.Length > _sampling.RepetitionWindow) text = text[^_sampling.RepetitionWindow..];
        foreach (int token in text)
        {
            if (_penalised[token]) continue;
            _penalised[token] = true;
            logits[token] = logits[token] > 0 ? logits[token] / _sampling.RepetitionPenalty : logits[token] * _sampling.RepetitionPenalty;
        }
        foreach (int token in text) _penalised[token] = false;
    }

    private static int MostLikely(ReadOnlySpan<float> logits)
    {
        int best = -1;
        for (int i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(logits[i])) throw new ArithmeticException($"The logit of token {i} is not a number: the weights have diverged, or are not the model's.");
            if (best < 0 || logits[i] > logits[best]) best = i;
        }
        return float.IsFinite(logits[best]) ? best : throw new ArithmeticException($"The largest logit is {logits[best]}: the weights have diverged, or are not the model's.");
    }

    /// <summary>The token at which the sum of the probabilities passes a point.</summary>
    private static int Draw(ReadOnlySpan<float> probabilities, double point, int best)
    {
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            sum += probabilities[i];
            if (sum > point) return i;
        }
        return best; // the point is the whole sum, in rounding
    }

    /// <summary>In [0, 1), of 53 random bits.</summary>
    private double Uniform(ulong stream, ulong position)
    {
        var (x, y, _, _) = Philox.Block(_sampling.Seed, stream, position);
        return (((ulong)y << 32 | x) >> 11) * (1.0 / (1L << 53));
    }
}
