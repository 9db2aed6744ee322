namespace ModelDsl.Runtime;

/// <summary>
/// Ranges of shards that form one stream. No sequence crosses from one shard to the next. Legend: a start is a place
/// where T + 1 tokens follow within the range; windows are the starts 0, T, 2T, ... of each range.
/// </summary>
internal sealed class TokenSegments(IReadOnlyList<(TokenShard Shard, long Begin, long End)> ranges)
{
    private int _indexedLength = -1;
    private readonly long[] _startsBefore = new long[ranges.Count + 1], _windowsBefore = new long[ranges.Count + 1];

    public long Count { get; } = ranges.Sum(range => range.End - range.Begin);

    public static TokenSegments Whole(IEnumerable<TokenShard> shards) =>
        new([.. shards.Select(shard => (shard, 0L, shard.Count))]);

    /// <summary>The first <paramref name="count"/> tokens, and the rest.</summary>
    public (TokenSegments First, TokenSegments Second) Split(long count)
    {
        var first = new List<(TokenShard, long, long)>();
        var rest = new List<(TokenShard, long, long)>();
        foreach (var (shard, begin, end) in ranges)
        {
            long cut = Math.Clamp(begin + count, begin, end);
            if (cut > begin)
                first.Add((shard, begin, cut));
            if (end > cut)
                rest.Add((shard, cut, end));
            count -= end - begin;
        }
        return (new(first), new(rest));
    }

    public long Starts(int length) => Index(length)._startsBefore[^1];

    public long Windows(int length) => Index(length)._windowsBefore[^1];

    public (TokenShard Shard, long Start) AtStart(long start, int length)
    {
        int range = Find(Index(length)._startsBefore, start);
        return (ranges[range].Shard, ranges[range].Begin + start - _startsBefore[range]);
    }

    public (TokenShard Shard, long Start) AtWindow(long window, int length)
    {
        int range = Find(Index(length)._windowsBefore, window);
        return (ranges[range].Shard, ranges[range].Begin + (window - _windowsBefore[range]) * length);
    }

    /// <summary>What messages call the stream.</summary>
    public string Describe() => ranges switch
    {
        [] => "No token shard",
        [var only] => only.Shard.Name,
        _ => $"{ranges[0].Shard.Name} and {ranges.Count - 1} more",
    };

    /// <summary>The range whose share of the running sums holds <paramref name="place"/>.</summary>
    private static int Find(long[] before, long place)
    {
        int low = 0, high = before.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = before[middle] <= place ? (middle, high) : (low, middle);
        }
        return low;
    }

    private TokenSegments Index(int length)
    {
        if (_indexedLength == length)
            return this;
        for (int i = 0; i < ranges.Count; i++)
        {
            long starts = Math.Max(0, ranges[i].End - ranges[i].Begin - length);
            _startsBefore[i + 1] = _startsBefore[i] + starts;
            _windowsBefore[i + 1] = _windowsBefore[i] + (starts + length - 1) / length;
        }
        _indexedLength = length;
        return this;
    }
}
