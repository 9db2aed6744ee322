using System.Diagnostics;
using System.Globalization;

namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// One round of questions about a call that some rank waits in, and what follows from the answers: calls that do not
/// match, or, where patience is at an end, who has not come.
/// </summary>
/// <remarks>Not safe for several threads at once. A rank that does not answer counts as one that has not come.</remarks>
internal sealed class MonitorCheck(AskBody ask, IReadOnlyList<RankName> names, TimeSpan timeout, ReadOnlySpan<bool> gone)
{
    private const int MostNamed = 8;
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMilliseconds(500);

    private readonly CallAnswer?[] _answers = new CallAnswer?[names.Count];
    private readonly bool[] _gone = gone.ToArray(); // not asked
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _expired = ask.Expired != 0, _decided;

    public int Number => ask.Check;

    /// <summary>Decided, or nothing more to be expected.</summary>
    public bool IsOver => _decided;

    /// <summary>Another rank, or the same again, asks meanwhile.</summary>
    public RankFault? Join(AskBody other)
    {
        if (other.Call.Number == ask.Call.Number && other.Call.IsMessage == ask.Call.IsMessage)
            _expired |= other.Expired != 0;
        return Stopwatch.GetElapsedTime(_start) > AnswerPatience ? Decide() : null;
    }

    public RankFault? Add(int rank, CallAnswer answer)
    {
        _answers[rank] = answer;
        for (int other = 0; other < _answers.Length; other++)
            if (_answers[other] is null && !_gone[other])
                return null;
        return Decide();
    }

    private RankFault? Decide()
    {
        if (_decided)
            return null;
        _decided = true;
        return Mismatch() ?? (_expired ? Missing() : null);
    }

    private RankFault? Mismatch()
    {
        for (int rank = 0; rank < _answers.Length; rank++)
            if (_answers[rank] is { Same: { Kind: not CollectiveKind.None } other } && other != ask.Call)
                return Mismatch(names, ask.Asker, ask.Call, rank, other);
        return null;
    }

    /// <summary>What is said of two ranks that have entered different calls.</summary>
    public static RankFault Mismatch(IReadOnlyList<RankName> names, int one, in CollectiveCall oneCall, int other, in CollectiveCall otherCall) =>
        new(RankFaultKind.Mismatched, other,
            $"Ranks have entered different collectives: {names[one]} {oneCall}, {names[other]} {otherCall}.");

    private RankFault? Missing()
    {
        string within = string.Create(CultureInfo.InvariantCulture, $"within {timeout.TotalSeconds:0.###} s");
        var missing = Enumerable.Range(0, _answers.Length).Where(rank => _answers[rank] is not { Entered: true }).ToArray();
        if (missing.Length == 0)
            return ask.Call.IsMessage ? null // another of its group may be the one that does not come
                : new(RankFaultKind.TimedOut, -1, $"Every rank has entered {ask.Call}, which has not ended {within}.");
        var lines = missing.Take(MostNamed).Select(rank => $"{names[rank]} has not {Wanted()} {within}; {State(rank)}.");
        string more = missing.Length > MostNamed ? $" So have {missing.Length - MostNamed} other ranks not." : "";
        return new(RankFaultKind.TimedOut, missing[0], string.Join(" ", lines) + more);
    }

    private string Wanted() => ask.Call.Kind switch
    {
        CollectiveKind.Send => $"received {ask.Call with { Kind = CollectiveKind.Receive, Peer = ask.Asker }}",
        CollectiveKind.Receive => $"sent {ask.Call with { Kind = CollectiveKind.Send, Peer = ask.Asker }}",
        _ => $"entered {ask.Call}",
    };

    private string State(int rank) => _gone[rank] ? "it has left"
        : _answers[rank] is not { } answer ? "it does not answer (is its process stopped?)"
        : answer.Last.Kind == CollectiveKind.None ? "it has entered no collective yet"
        : $"its last was {answer.Last.Title}";
}
