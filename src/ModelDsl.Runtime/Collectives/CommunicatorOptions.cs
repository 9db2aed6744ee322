namespace ModelDsl.Runtime.Collectives;

/// <summary>How a communicator waits and complains; alike on all ranks.</summary>
public sealed record CommunicatorOptions
{
    /// <summary>
    /// How long a rank waits for others: to start, and in each call. A rank that ends is noticed at once; this is for those that
    /// hang, so it must be more than the longest that one rank does alone (a checkpoint, a validation).
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets one line as soon as a fault is known, on whichever thread learns of it: launchers kill the other ranks when one has ended,
    /// maybe before they come to their next call and its exception. Standard error unless given.
    /// </summary>
    public Action<string> OnFault { get; init; } = Console.Error.WriteLine;
}
