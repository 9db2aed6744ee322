// The nondeterministic automaton of a pattern, with the order in which a backtracking engine would try its edges.
using System.Collections.Generic;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>A state of the graph: consumes a character, asserts one, tries its successors in order, or accepts.</summary>
internal sealed record PatternState(PatternStateKind Kind, CodePointSet? Set, bool End)
{
    internal List<int> Next { get; } = [];
}

internal enum PatternStateKind
{
    Consume,
    Look,
    Try,
    StartOfText,
    Accept,
}

/// <summary>
/// Thompson's construction with ordered edges. A possessive quantifier over one character is written with a lookahead:
/// <c>C*+</c> is <c>C*(?!C)</c>, so the automaton needs no cut. Over anything longer it is only accepted at the end of
/// the pattern, where nothing can fail after it and greedy means the same.
/// </summary>
internal sealed class PatternGraph
{
    private readonly PatternBudget budget;

    internal List<PatternState> States { get; } = [];

    internal int Start { get; }

    internal PatternGraph(PatternNode pattern, PatternBudget budget)
    {
        this.budget = budget;
        Start = Add(pattern, New(PatternStateKind.Accept, pattern), last: true);
    }

    private int New(PatternStateKind kind, PatternNode node, CodePointSet? set = null, bool end = false, params int[] next)
    {
        budget.CheckStates(States.Count + 1, node.Column);
        var state = new PatternState(kind, set, end);
        state.Next.AddRange(next);
        States.Add(state);
        return States.Count - 1;
    }

    // Returns the state that matches `node` and goes on with `after`; `last` says that only acceptance follows.
    private int Add(PatternNode node, int after, bool last)
    {
        budget.Step(1, node.Column);
        switch (node)
        {
            case PatternNode.One one:
                return New(PatternStateKind.Consume, node, one.Set, false, after);
            case PatternNode.Look look:
                return New(PatternStateKind.Look, node, look.Set, look.End, after);
            case PatternNode.StartOfText:
                return New(PatternStateKind.StartOfText, node, null, false, after);
            case PatternNode.Sequence sequence:
                for (int i = sequence.Items.Count - 1; i >= 0; i--)
                {
                    after = Add(sequence.Items[i], after, last);
                    last = false;
                }
                return after;
            case PatternNode.Choice choice:
                var heads = new int[choice.Items.Count];
                for (int i = 0; i < heads.Length; i++) heads[i] = Add(choice.Items[i], after, last);
                return New(PatternStateKind.Try, node, null, false, heads);
            case PatternNode.Atomic { Item: PatternNode.One } atomic:
                return Add(atomic.Item, after, last);
            case PatternNode.Atomic { Item: PatternNode.Repeat { Greed: not Greed.Lazy } repeat }:
                return AddRepeat(repeat with { Greed = Greed.Possessive }, after, last);
            case PatternNode.Atomic atomic when last:
                return Add(atomic.Item, after, last);
            case PatternNode.Atomic:
                throw new PatternException(node.Column, "an atomic group over more than one character is supported only at the end of the pattern");
            default:
                return AddRepeat((PatternNode.Repeat)node, after, last);
        }
    }

    private int AddRepeat(PatternNode.Repeat repeat, int after, bool last)
    {
        // Where the repeat may stop before its largest count.
        int stop = after;
        if (repeat.Greed == Greed.Possessive && !last)
        {
            if (repeat.Item is not PatternNode.One one)
                throw new PatternException(repeat.Column, "a possessive quantifier over more than one character is supported only at the end of the pattern");
            stop = New(PatternStateKind.Look, repeat, one.Set.Negate(), true, after);
        }
        bool lazy = repeat.Greed == Greed.Lazy;
        int head;
        if (repeat.Max < 0)
        {
            head = New(PatternStateKind.Try, repeat);
            int body = Add(repeat.Item, head, last: false);
            States[head].Next.AddRange(lazy ? [stop, body] : [body, stop]);
        }
        else
        {
            head = after;
            for (int i = repeat.Max; i > repeat.Min; i--)
            {
                int body = Add(repeat.Item, head, last: false);
                head = New(PatternStateKind.Try, repeat, null, false, lazy ? [stop, body] : [body, stop]);
            }
        }
        for (int i = 0; i < repeat.Min; i++) head = Add(repeat.Item, head, last: false);
        return head;
    }
}
