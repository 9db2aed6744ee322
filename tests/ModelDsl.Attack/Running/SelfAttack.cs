using System.Text;

namespace ModelDsl.Attacks.Running;

/// <summary>Cases that die in every way there is, to test that each is noticed. No run has it.</summary>
internal sealed class SelfAttack : Attack
{
    public const string AttackName = "self";

    public static readonly string[] Ways = ["accept", "refuse", "overflow", "abort", "hang", "memory", "foreign", "slow"];

    public override string Name => AttackName;

    public override string Description => "the attack itself";

    public override string Extension => "way";

    public override int QuickCases => 0;

    public override CaseLimits Limits => new(Seconds: 0.3, HangSeconds: 1.5, WaitSeconds: 60, HeapMegabytes: 200);

    public override byte[] Create(Random random) => Encoding.UTF8.GetBytes(Ways[random.Next(Ways.Length)]);

    public override void Run(byte[] input, string folder)
    {
        switch (Encoding.UTF8.GetString(input))
        {
            case "accept": break;
            case "refuse": throw new NotSupportedException("refused");
            case "overflow": Overflow(1); break;
            case "abort": Environment.FailFast("abort"); break;
            case "hang": Spin(TimeSpan.FromMinutes(5)); break;
            case "memory": GC.KeepAlive(Enumerable.Range(0, 1000).Select(_ => new byte[1 << 20]).ToArray()); break;
            case "foreign": _ = int.Parse("x"); break;
            case "slow": Spin(TimeSpan.FromSeconds(0.5)); break;
        }
    }

    public override bool IsRefusal(Exception error) => error is NotSupportedException;

    private static int Overflow(int depth) => depth == 0 ? 0 : Overflow(depth + 1) + 1;

    private static void Spin(TimeSpan time)
    {
        var begin = Environment.CpuUsage.TotalTime;
        while (Environment.CpuUsage.TotalTime - begin < time)
            Thread.SpinWait(1000);
    }
}
