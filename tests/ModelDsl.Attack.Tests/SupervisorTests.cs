using System.Text;
using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Tests;

/// <summary>A worker that crashes, hangs or takes all memory is noticed, its input is kept, and the cases behind it run.</summary>
public sealed class SupervisorTests : IDisposable
{
    private const ulong Seed = 1;
    private const int Cases = 20;

    private static readonly Dictionary<string, string> s_kinds = new()
    {
        ["overflow"] = "Stack overflow", ["abort"] = "crash: exit code 134", ["hang"] = "hang", ["memory"] = "OutOfMemoryException", ["foreign"] = "FormatException", ["slow"] = "slow",
    };

    private readonly TestFolder _folder = new();

    [Fact]
    public void EveryWayToDieIsNoticed()
    {
        var attack = new SelfAttack();
        string[] ways = [.. Enumerable.Range(0, Cases).Select(number => Encoding.UTF8.GetString(attack.Create(CaseSeed.Random(Seed, attack.Name, number))))];
        Assert.Equal(SelfAttack.Ways.Order(), ways.Distinct().Order());
        var result = new Supervisor(attack, Seed, _folder.File("scratch"), _folder.Path).Run(TimeSpan.FromMinutes(5), Cases, _ => { });
        Assert.Equal((ways.Count(way => way == "accept"), ways.Count(way => way == "refuse"), Cases), ((int)result.Accepted, (int)result.Refused, (int)result.Cases));
        var failures = new Failures(_folder.Path).Read();
        Assert.Equal(result.Failed, failures.Count);
        foreach (var failure in failures)
        {
            string way = ways[failure.Case];
            Assert.Contains(s_kinds[way], failure.Kind);
            Assert.Equal(way, File.ReadAllText(_folder.File($"self-{failure.Case}.way")));
        }
    }

    [Fact]
    public void ACaseIsAFunctionOfItsSeedAndNumber()
    {
        foreach (var attack in AttackCatalogue.All)
            for (int number = 0; number < 5; number++)
            {
                byte[] first = attack.Create(CaseSeed.Random(7, attack.Name, number));
                Assert.Equal(first, attack.Create(CaseSeed.Random(7, attack.Name, number)));
            }
    }

    public void Dispose() => _folder.Dispose();
}
