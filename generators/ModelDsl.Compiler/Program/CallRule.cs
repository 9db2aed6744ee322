using System.Collections.Generic;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// What a target asks of a call to one of its own kernels: whether it fits a node, and how its operands must be laid out.
/// What no rule of a target supports is expanded to its meaning before it is lowered for that target.
/// </summary>
public abstract class CallRule
{
    /// <summary>The type of the operation.</summary>
    public abstract System.Type Operation { get; }

    /// <summary>Whether the target's kernel fits this node.</summary>
    public virtual bool Supports(Node node) => true;

    /// <summary>How an input is given.</summary>
    public virtual InputForm Input(Node node, int index) => InputForm.Rows(1);

    /// <summary>How many of a result's last axes must be contiguous; the others form one run of rows.</summary>
    public virtual ResultForm Result(Node node, int index) => new(1);

    /// <summary>Whether the kernel can add to what its first result's destination holds.</summary>
    public virtual bool Accumulates => false;

    /// <summary>A result that takes the place of an input in memory; null where none does.</summary>
    public virtual (int Result, int Input)? InPlace => null;

    /// <summary>Memory for the length of the call.</summary>
    public virtual IEnumerable<ScratchForm> Scratch(Node node) => [];
}

/// <summary>How an input of a call is given.</summary>
/// <param name="Kind">In memory, or by value.</param>
/// <param name="Inner">For rows: how many of the last axes are contiguous.</param>
public sealed record InputForm(InputKind Kind, int Inner = 0)
{
    /// <summary>In memory: the last <paramref name="inner"/> axes contiguous, the others one run with a stride.</summary>
    public static InputForm Rows(int inner) => new(InputKind.Rows, inner);

    /// <summary>In memory as one run with one stride, which is 0 where every element is the same.</summary>
    public static readonly InputForm Run = new(InputKind.Run);

    /// <summary>A scalar that the host knows.</summary>
    public static readonly InputForm Host = new(InputKind.Host);

    /// <summary>Positions that count up from a number that the host knows.</summary>
    public static readonly InputForm Range = new(InputKind.Range);
}

public enum InputKind { Rows, Run, Host, Range }

/// <param name="Inner">How many of the last axes are contiguous.</param>
/// <param name="Sequences">Whether the first axis may have a stride of its own.</param>
public sealed record ResultForm(int Inner, bool Sequences = false);

/// <param name="Role">For its name: "attentionScratch".</param>
public sealed record ScratchForm(string Role, Shape Shape);
