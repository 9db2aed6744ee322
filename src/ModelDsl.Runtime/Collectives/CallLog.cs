namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// The calls that this rank has entered: written by the thread that makes them, read by the monitor's when another rank
/// asks. Allocates nothing after it is made.
/// </summary>
internal sealed class CallLog(int size)
{
    private const int Kept = 256;

    private readonly Lock _lock = new();
    private readonly CollectiveCall[] _recent = new CollectiveCall[Kept];
    private readonly long[] _sent = new long[size], _received = new long[size];
    private long _number;

    /// <summary>Numbers a call and writes it down.</summary>
    public CollectiveCall Enter(CollectiveKind kind, long count, TensorType type, ReduceOperation operation, int peer)
    {
        lock (_lock)
        {
            if (kind is CollectiveKind.Send or CollectiveKind.Receive)
            {
                long[] messages = kind == CollectiveKind.Send ? _sent : _received;
                return new(++messages[peer], count, type, peer, kind, operation);
            }
            _number++;
            return _recent[_number % Kept] = new(_number, count, type, peer, kind, operation);
        }
    }

    /// <summary>The last collective; of kind None before the first.</summary>
    public CollectiveCall Last
    {
        get
        {
            lock (_lock)
                return _recent[_number % Kept];
        }
    }

    /// <summary>What this rank can say of a call that <paramref name="asker"/> is in.</summary>
    public CallAnswer Answer(int rank, int asker, in CollectiveCall asked)
    {
        lock (_lock)
        {
            var last = _recent[_number % Kept];
            if (asked.IsMessage)
            {
                long[] messages = asked.Kind == CollectiveKind.Send ? _received : _sent;
                bool met = rank != asked.Peer || messages[asker] >= asked.Number;
                return new(last, met ? asked : default, met);
            }
            var same = _recent[asked.Number % Kept];
            return new(last, same.Number == asked.Number ? same : default, _number >= asked.Number);
        }
    }
}

/// <param name="Last">The answering rank's last collective.</param>
/// <param name="Same">What it entered under the number that was asked for; of kind None where it has not, or no longer knows.</param>
/// <param name="Entered">Whether it has come to that number; always true of messages that are not its own.</param>
internal readonly record struct CallAnswer(CollectiveCall Last, CollectiveCall Same, bool Entered);
