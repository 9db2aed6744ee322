using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ModelDsl.Gpu.Proof;

/// <summary>One side of a race: returns the seconds of one call each time.</summary>
public sealed record Contestant(string Name, Func<double> Seconds);

/// <summary>The environment of a measurement: the device, the peers, and interleaved rounds.</summary>
/// <param name="open">Opens the same device again.</param>
/// <param name="progress">Notified of every round, to detect one that hangs.</param>
public sealed class MeasureRun(GpuDevice device, Func<GpuDevice> open, Peers peers, Watchdog progress, bool quick, int seed) : IDisposable
{
    // A race of slow calls has fewer rounds.
    private const int FewestRounds = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(6);

    private readonly List<MeasurementRow> _rows = [];
    private readonly List<string> _problems = [];
    private readonly List<IDisposable> _owned = [];

    public GpuDevice Device => device;

    public GpuStream Stream => device.DefaultStream;

    public Peers Peers => peers;

    /// <summary>Tiny sizes, to see that the program runs.</summary>
    public bool Quick => quick;

    public RandomElements Random { get; } = new(seed);

    public IReadOnlyList<MeasurementRow> Rows => _rows;

    /// <summary>The problems that <see cref="Attempt"/> found.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Rounds of a race.</summary>
    private int Rounds => quick ? 2 : 7;

    /// <summary>The length of a round: long compared with an event's resolution, short compared with the clock's drift.</summary>
    private double RoundSeconds => quick ? 0 : 0.03;

    /// <summary>Opens the same device again, with nothing compiled.</summary>
    public GpuDevice OpenAgain() => Own(open());

    /// <summary>Device memory that lives as long as this measurement.</summary>
    public GpuMemory Allocate(long bytes, string purpose) => Own(device.Allocate(bytes, purpose));

    /// <summary>Work on the device, timed by events around as many calls as fill a round.</summary>
    /// <param name="work">Queues one call on <see cref="Stream"/>.</param>
    public Contestant OnDevice(string name, Action work)
    {
        GpuEvent start = Own(device.CreateEvent()), end = Own(device.CreateEvent());
        progress.Feed();
        work(); // compiles
        Stream.Synchronize();
        double once = Time(1);
        int calls = (int)Math.Clamp(RoundSeconds / Math.Max(once, 1e-7), 1, 1000);
        return new(name, () => Time(calls));

        double Time(int count)
        {
            Stream.Record(start);
            for (int i = 0; i < count; i++)
                work();
            Stream.Record(end);
            end.Synchronize();
            return end.Since(start).TotalSeconds / count;
        }
    }

    /// <summary>The host's time to queue one call, over batches that fit into the queue; waiting is not counted.</summary>
    public Contestant OnHost(string name, Action work)
    {
        int calls = quick ? 2 : 500;
        work();
        return new(name, () =>
        {
            Stream.Synchronize();
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
                work();
            double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds / calls;
            Stream.Synchronize();
            return seconds;
        });
    }

    /// <summary>A case of the PyTorch peer, prepared now.</summary>
    public Contestant Torch(string name, string kind, params IEnumerable<(string Name, JsonNode? Value)> sizes)
    {
        progress.Feed();
        var (id, problem) = peers.Torch.Prepare(kind, RoundSeconds, sizes);
        return new(name, () => problem is null ? peers.Torch.Time(id) : throw new PeerException(problem));
    }

    /// <summary>Alternates rounds, so that clock and temperature are the same for all. A peer's problem replaces its figure.</summary>
    public IReadOnlyList<(Contestant Contestant, Sample? Seconds, string? Problem)> Race(params IReadOnlyList<Contestant> contestants)
    {
        var times = contestants.Select(_ => new List<double>()).ToArray();
        var problems = new string?[contestants.Count];
        var clock = Stopwatch.StartNew();
        for (int round = 0; round < Rounds && (round < FewestRounds || clock.Elapsed < s_patience); round++)
        {
            for (int i = 0; i < contestants.Count; i++)
            {
                if (problems[i] is not null)
                    continue;
                try
                {
                    progress.Feed();
                    times[i].Add(contestants[i].Seconds());
                }
                catch (PeerException error)
                {
                    problems[i] = error.Message;
                }
            }
        }
        peers.Torch.Release();
        return [.. contestants.Select((contestant, i) => (contestant, problems[i] is null ? Sample.Of(times[i]) : null, problems[i]))];
    }

    /// <summary>Races and adds a row; the first is ours, the others are the peers.</summary>
    /// <param name="work">The work of one call, for a rate per second in <paramref name="unit"/> (bytes / 1e9: GB/s); 0 gives the time itself in microseconds.</param>
    /// <param name="goal">The target share of the first peer's speed; 0 means none.</param>
    public void AddRace(string name, string unit, double work, double goal, params IReadOnlyList<Contestant> contestants)
    {
        var outcome = Race(contestants);
        Func<double, double> convert = work > 0 ? seconds => work / seconds : seconds => seconds * 1e6;
        Add(new(name, unit, outcome[0].Seconds!.Map(convert),
            [.. outcome.Skip(1).Select(peer => new PeerFigure(peer.Contestant.Name, peer.Seconds?.Map(convert), peer.Problem))],
            goal > 0 ? OfPeer(goal, outcome[0].Seconds!, outcome[1].Contestant.Name, outcome[1].Seconds) : null));
    }

    public void Add(MeasurementRow row)
    {
        _rows.Add(row);
        // A device on the CPU proves nothing about speed.
        if (quick && row.Goal is not null)
            _rows[^1] = row with { Goal = row.Goal with { Met = null } };
    }

    /// <summary>Adds a row; if the device or its libraries refuse, that is reported and the other rows are still measured.</summary>
    public void Attempt(string name, Action add)
    {
        try
        {
            add();
        }
        catch (GpuException error) when (error is not GpuDeviceLostException)
        {
            _problems.Add($"{name}: {error.Message}");
        }
    }

    /// <summary>Our speed over a peer's, by medians.</summary>
    public static Goal OfPeer(double wanted, Sample ours, string peer, Sample? theirs)
    {
        double? reached = theirs is null ? null : theirs.Median / ours.Median;
        return new($"{wanted:0.##}x {peer}", wanted, reached, reached >= wanted);
    }

    public void Dispose()
    {
        peers.Torch.Release();
        foreach (IDisposable item in Enumerable.Reverse(_owned))
            item.Dispose();
    }

    private T Own<T>(T item) where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }
}
