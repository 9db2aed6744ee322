using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Collectives;

/// <summary>What the ranks' monitors say to each other; all go between rank 0 and another.</summary>
internal enum MonitorMessage : byte
{
    /// <summary>To rank 0: <see cref="HelloBody"/>, then the host's name.</summary>
    Hello = 1,
    /// <summary>From rank 0: why the job cannot begin, as text.</summary>
    Refused,
    /// <summary>From rank 0: all names, then what it gives to all.</summary>
    Roster,
    /// <summary>To rank 0: <see cref="AskBody"/>, a rank waits in a call.</summary>
    Ask,
    /// <summary>From rank 0: <see cref="AskBody"/>, what do you know of that call?</summary>
    Query,
    /// <summary>To rank 0: <see cref="AnswerBody"/>.</summary>
    Answer,
    /// <summary>Either way: kind, rank, text.</summary>
    Fault,
    /// <summary>Either way: <see cref="LeftBody"/>, a rank has disposed its communicator.</summary>
    Left,
    /// <summary>From rank 0: every rank has left.</summary>
    AllLeft,
}

/// <param name="Version">Of this protocol.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HelloBody(long Magic, int Version, int Rank, int Size, int Process)
{
    public const long ThisMagic = 0x6c6473_6c65646f6d; // "modelsdl"
    public const int ThisVersion = 1;
}

/// <param name="Asker">The rank that waits.</param>
/// <param name="Expired">Its patience is at an end.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AskBody(CollectiveCall Call, int Asker, int Check, byte Expired);

/// <param name="Check">Of the query that is answered.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AnswerBody(CollectiveCall Last, CollectiveCall Same, int Check, byte Entered);

/// <param name="Last">The last collective that the rank was part of.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LeftBody(CollectiveCall Last, int Rank);
