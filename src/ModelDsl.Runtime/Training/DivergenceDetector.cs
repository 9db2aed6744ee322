namespace ModelDsl.Runtime;

/// <summary>When a loss counts as diverged rather than noisy.</summary>
/// <param name="Deviations">A loss is high above mean + this many standard deviations of the recent losses,</param>
/// <param name="RelativeRise">
/// and also above mean + this share of |mean|, or of a quarter of the first loss where that is more: flat curves and
/// losses near zero are not watched more closely than that.
/// </param>
/// <param name="Steps">So many high losses in a row stop the run: a spike that heals is left alone.</param>
/// <param name="Memory">Weight of the past in the running mean and variance; 0.98 remembers about 50 steps.</param>
public sealed record LossSpikeRule(double Deviations = 6, double RelativeRise = 0.2, int Steps = 10, double Memory = 0.98);

/// <summary>
/// Follows the loss with an exponential mean and variance (West, 1979) that high losses do not enter, and says when a
/// run has diverged.
/// </summary>
internal sealed class DivergenceDetector(LossSpikeRule? rule)
{
    /// <summary>All that it remembers; checkpoints carry it.</summary>
    public record struct Memory(double First, double Mean, double Variance, long Count, int High);

    public Memory State { get; set; }

    /// <summary>Null while all is well, otherwise what is wrong.</summary>
    public string? Observe(float loss)
    {
        if (!float.IsFinite(loss))
            return $"the loss is {loss}";
        if (rule is null)
            return null;
        var (first, mean, variance, count, high) = State;
        double rise = rule.RelativeRise * Math.Max(Math.Abs(mean), Math.Abs(first) / 4);
        double limit = mean + Math.Max(rule.Deviations * Math.Sqrt(variance), rise);
        if (count > 0 && loss > limit)
        {
            State = State with { High = high + 1 };
            return high + 1 < rule.Steps ? null : $"the loss has been above {limit:G4} for {rule.Steps} steps, the steps before them had {mean:G4} on average";
        }
        double share = Math.Max(1 - rule.Memory, 1.0 / (count + 1)), difference = loss - mean;
        State = new(count == 0 ? loss : first, mean + share * difference, (1 - share) * (variance + share * difference * difference), count + 1, 0);
        return null;
    }
}
