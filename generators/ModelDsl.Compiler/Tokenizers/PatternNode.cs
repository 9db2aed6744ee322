// The syntax tree of a split pattern.
using System;
using System.Collections.Generic;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>A piece of a split pattern; <see cref="Column"/> counts UTF-16 units of the pattern from 0.</summary>
internal abstract record PatternNode(int Column)
{
    /// <summary>One character of a set.</summary>
    internal sealed record One(int Column, CodePointSet Set) : PatternNode(Column);

    internal sealed record Sequence(int Column, IReadOnlyList<PatternNode> Items) : PatternNode(Column);

    /// <summary>The first of the items that matches (and lets the rest match).</summary>
    internal sealed record Choice(int Column, IReadOnlyList<PatternNode> Items) : PatternNode(Column);

    /// <summary>Max is -1 where there is none.</summary>
    internal sealed record Repeat(int Column, PatternNode Item, int Min, int Max, Greed Greed) : PatternNode(Column);

    /// <summary>A group that is not entered again once it matched: <c>(?>..)</c>.</summary>
    internal sealed record Atomic(int Column, PatternNode Item) : PatternNode(Column);

    /// <summary>The next character is in the set, or there is none and <see cref="End"/> holds.</summary>
    internal sealed record Look(int Column, CodePointSet Set, bool End) : PatternNode(Column);

    internal sealed record StartOfText(int Column) : PatternNode(Column);
}

internal enum Greed
{
    Greedy,
    Lazy,
    Possessive,
}

/// <summary>A split pattern that cannot be compiled: what and where.</summary>
internal sealed class PatternException(int column, string reason) : Exception($"column {column + 1}: {reason}")
{
    /// <summary>UTF-16 units from the start of the pattern.</summary>
    internal int Column { get; } = column;

    internal string Reason { get; } = reason;
}
