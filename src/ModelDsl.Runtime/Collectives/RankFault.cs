namespace ModelDsl.Runtime.Collectives;

/// <summary>What went wrong between ranks.</summary>
public enum RankFaultKind
{
    /// <summary>A rank's process is gone without having left: it crashed, was killed, or exited.</summary>
    Ended,
    /// <summary>A rank has disposed its communicator while others still needed it.</summary>
    Left,
    /// <summary>A rank has not come to a call in time, or a call that all have entered does not end.</summary>
    TimedOut,
    /// <summary>Ranks have entered different calls under one number.</summary>
    Mismatched,
    /// <summary>The library that moves the data has returned an error.</summary>
    LibraryFailed,
}

/// <summary>The first thing that went wrong; every rank is told the same.</summary>
/// <param name="Rank">Whose fault it is; -1 where that is not known.</param>
public sealed record RankFault(RankFaultKind Kind, int Rank, string Text);

/// <summary>
/// A communicator can no longer be used, since ranks have ended, hang or disagree. Every later call throws the same; let it
/// end the process with a code that is not zero.
/// </summary>
public sealed class CommunicatorException(RankFault fault, string message) : Exception(message)
{
    internal CommunicatorException(RankFault fault, RankName here, in CollectiveCall call)
        : this(fault, fault.Kind is RankFaultKind.Mismatched or RankFaultKind.TimedOut
            ? fault.Text
            : $"{fault.Text} {here} was in {call}.")
    { }

    public RankFault Fault { get; } = fault;
}
