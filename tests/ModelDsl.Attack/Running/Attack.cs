namespace ModelDsl.Attacks.Running;

/// <summary>
/// One way to break the project: an endless list of cases. A case is its input, which depends on random numbers alone; what
/// happens to it depends on the input alone, so that every case can be repeated.
/// </summary>
internal abstract class Attack
{
    /// <summary>As --only takes it.</summary>
    public abstract string Name { get; }

    /// <summary>What is attacked, and how.</summary>
    public abstract string Description { get; }

    /// <summary>Of the files that inputs are written to.</summary>
    public abstract string Extension { get; }

    /// <summary>The share of a run's time, relative to the other attacks'.</summary>
    public virtual int Weight => 1;

    /// <summary>Cases of a quick run.</summary>
    public abstract int QuickCases { get; }

    public virtual CaseLimits Limits => CaseLimits.Input;

    /// <summary>Why this attack cannot run here; null where it can.</summary>
    public virtual string? Missing() => null;

    /// <summary>Called once in the process that runs cases, before the first.</summary>
    /// <param name="folder">Empty; deleted at the end.</param>
    public virtual void Open(string folder) { }

    /// <summary>The input of a case.</summary>
    public abstract byte[] Create(Random random);

    /// <summary>Runs a case. It may throw what <see cref="IsRefusal"/> takes; all else is a failure.</summary>
    /// <param name="folder">For files; what is left in it is there for the next case.</param>
    /// <exception cref="AttackException">The project broke a promise.</exception>
    public abstract void Run(byte[] input, string folder);

    /// <summary>Whether the project documents this exception as its answer to a bad input, and threw it itself.</summary>
    public virtual bool IsRefusal(Exception error) => Refusal.IsOwn(error);
}

/// <summary>The project broke a promise; the message says which.</summary>
internal sealed class AttackException(string message) : Exception(message);

/// <summary>What a case may take. Time is the processor's, so that a busy machine makes no failures.</summary>
/// <param name="Seconds">From begin to end; more is a failure.</param>
/// <param name="HangSeconds">After which the process is killed.</param>
/// <param name="WaitSeconds">By the clock, after which a process that does nothing is killed.</param>
/// <param name="HeapMegabytes">Of managed memory, the process's own included.</param>
internal sealed record CaseLimits(double Seconds, double HangSeconds, double WaitSeconds, int HeapMegabytes)
{
    /// <summary>A file of a megabyte at most, read: 2 s and 512 MB.</summary>
    public static CaseLimits Input { get; } = new(2, 5, 60, 512 + 64);

    /// <summary>Whole programs.</summary>
    public static CaseLimits Programs { get; } = new(120, 120, 300, 1024);
}
