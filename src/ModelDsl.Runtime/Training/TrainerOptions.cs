using ModelDsl.Runtime.Collectives;

namespace ModelDsl.Runtime;

/// <summary>How a model is trained. A checkpoint carries what decides bits, and a resumed run must agree.</summary>
public sealed record TrainerOptions
{
    /// <summary>B, sequences (examples) in a micro-batch.</summary>
    public required int Batch { get; init; }

    /// <summary>T, tokens in a sequence; 1 for models without tokens.</summary>
    public int Length { get; init; } = 1;

    /// <summary>Decides initial weights, data order and whatever a model draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Micro-batches in a step; memory is that of one.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>
    /// The ranks that train one model together, each on its own micro-batches of every step (data parallelism); null is this
    /// process alone. All ranks give the same options and the same data; saving and progress are one rank's to do. Not disposed.
    /// </summary>
    /// <remarks>
    /// The micro-batches of a step go around the ranks: of micro-step i, rank r takes number i * Size + r. Gradients are added in
    /// the order of ranks, so that losses and weights are the same bits on all of them and from run to run.
    /// </remarks>
    public Communicator? Ranks { get; init; }

    /// <summary>Gradients are scaled down to this global norm; 0 never does.</summary>
    public double ClipNorm { get; init; } = 1;

    public AdamWOptions Optimizer { get; init; } = new();

    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule(1e-3, WarmupSteps: 100);

    /// <summary>When a loss counts as diverged; null watches only for NaN and infinity.</summary>
    public LossSpikeRule? LossSpike { get; init; } = new();

    /// <summary>
    /// The contract of the tokenizer that the data were made with (<c>Tokenizer.Contract</c>). Checkpoints carry it, as
    /// <see cref="WeightFiles.TokenizerOf"/> reads it. Null goes on with that of the checkpoint that is resumed, unchecked.
    /// </summary>
    public string? Tokenizer { get; init; }

    /// <summary>The options that decide bits by name, as checkpoints carry them.</summary>
    internal IEnumerable<(string Name, string Value)> Describe() =>
    [
        ("Batch", $"{Batch}"), ("Length", $"{Length}"), ("Seed", $"{Seed}"), ("GradientAccumulation", $"{GradientAccumulation}"),
        .. Ranks is { Size: > 1 } ranks ? new[] { ("Ranks", $"{ranks.Size}") } : [],
        ("ClipNorm", Text(ClipNorm)), ("Beta1", Text(Optimizer.Beta1)), ("Beta2", Text(Optimizer.Beta2)),
        ("Epsilon", Text(Optimizer.Epsilon)), ("WeightDecay", Text(Optimizer.WeightDecay)), ("Schedule", Schedule.ToString()),
    ];

    private static string Text(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>AdamW (Loshchilov and Hutter, 2019): Adam with weight decay apart from the gradient.</summary>
/// <param name="WeightDecay">For the weights whose <see cref="WeightInfo.Decay"/> says so.</param>
public sealed record AdamWOptions(double Beta1 = 0.9, double Beta2 = 0.95, double Epsilon = 1e-8, double WeightDecay = 0.1);
