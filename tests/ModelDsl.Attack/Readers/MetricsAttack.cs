using System.Text;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Readers;

/// <summary>Any file as metrics.jsonl: read, drawn as a loss curve, and continued by a resumed run.</summary>
internal sealed class MetricsAttack : ReaderAttack
{
    private readonly ByteMutator _mutator = new([Build(1), Build(20)], "{", "[", "\"step\":", "null", "1e400", "\n", "\"loss\":{}", "\"\\ud800\":1,", "}");

    public override string Name => "metrics";

    public override string Description => "mutated metrics.jsonl, read, drawn, and continued";

    public override string Extension => "jsonl";

    public override int Weight => 1;

    public override int QuickCases => 200;

    public override byte[] Create(Random random) => _mutator.Next(random);

    protected override void Read(string path)
    {
        var metrics = MetricsLog.Read(path);
        LossCurve.Write(Path.ChangeExtension(path, "svg"), metrics, "attack");
        using (var log = new MetricsLog(path, completedSteps: 10))
            log.Report(Metrics(11));
        if (MetricsLog.Read(path) is not [.., { Step: 11 }])
            throw new AttackException("the line that a resumed run wrote is not the last one that is read");
    }

    public override bool IsRefusal(Exception error) => base.IsRefusal(error) || Refusal.IsThrownByOurs(error, typeof(InvalidDataException));

    private static byte[] Build(int steps) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, steps).Select(step =>
        $"{{\"step\":{step},\"loss\":{(step % 5 == 0 ? "null" : "3.25")},{(step % 4 == 0 ? "\"validation_loss\":3.5," : "")}\"gradient_norm\":0.5,\"learning_rate\":0.001,\"tokens\":512,\"tokens_per_second\":9000.5,\"milliseconds\":12.5,\"peak_share\":0.25}}\n")));

    private static StepMetrics Metrics(long step) => new()
    {
        Step = step, Steps = 20, Loss = 2, GradientNorm = 1, LearningRate = 0.001, Tokens = 10, Unit = "tokens", Milliseconds = 3, PeakShare = 0.1,
    };
}
