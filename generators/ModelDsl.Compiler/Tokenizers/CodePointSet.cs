// A set of Unicode code points, as patterns write them: literal ranges and general categories.
using System;
using System.Collections.Generic;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>
/// A set of code points that is independent of any Unicode version: the code points are cut into intervals, and each
/// interval holds a mask of the general categories (bit i: <c>UnicodeCategory</c> i) that belong to the set there.
/// <c>\p{L}</c> is one interval with the five letter bits; <c>[a-z]</c> is an interval with every bit.
/// </summary>
internal sealed class CodePointSet : IEquatable<CodePointSet>
{
    internal const int Limit = 0x110000;
    internal const int Categories = 30;
    internal const uint Every = (1u << Categories) - 1;

    // Interval i is [starts[i], starts[i + 1]); neighbours differ in their masks.
    private readonly int[] starts;
    private readonly uint[] masks;

    private CodePointSet(List<int> starts, List<uint> masks) => (this.starts, this.masks) = (starts.ToArray(), masks.ToArray());

    internal static CodePointSet Empty { get; } = new([0], [0]);

    internal static CodePointSet All { get; } = new([0], [Every]);

    internal IReadOnlyList<int> Starts => starts;

    internal static CodePointSet OfCategories(uint mask) => new([0], [mask]);

    internal static CodePointSet Of(int first, int last)
    {
        var builder = new Builder();
        builder.Add(0, 0);
        builder.Add(first, Every);
        builder.Add(last + 1, 0);
        return builder.Build();
    }

    internal static CodePointSet Of(int codePoint) => Of(codePoint, codePoint);

    internal static CodePointSet Of(SortedSet<int> codePoints)
    {
        var builder = new Builder();
        builder.Add(0, 0);
        foreach (int codePoint in codePoints)
        {
            builder.Add(codePoint, Every);
            builder.Add(codePoint + 1, 0);
        }
        return builder.Build();
    }

    internal CodePointSet Union(CodePointSet other) => Combine(other, (a, b) => a | b);

    internal CodePointSet Intersect(CodePointSet other) => Combine(other, (a, b) => a & b);

    internal CodePointSet Negate() => Combine(Empty, (a, _) => ~a & Every);

    /// <summary>The categories of the set in the interval that holds <paramref name="codePoint"/>.</summary>
    internal uint MaskAt(int codePoint)
    {
        int at = Array.BinarySearch(starts, codePoint);
        return masks[at >= 0 ? at : ~at - 1];
    }

    /// <summary>The ranges [first, last] of which every category belongs to the set.</summary>
    internal IEnumerable<(int First, int Last)> WholeRanges()
    {
        for (int i = 0; i < starts.Length; i++)
            if (masks[i] == Every)
                yield return (starts[i], (i + 1 < starts.Length ? starts[i + 1] : Limit) - 1);
    }

    public bool Equals(CodePointSet? other)
    {
        if (other is null || starts.Length != other.starts.Length) return false;
        for (int i = 0; i < starts.Length; i++)
            if (starts[i] != other.starts[i] || masks[i] != other.masks[i]) return false;
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as CodePointSet);

    public override int GetHashCode()
    {
        int hash = 17;
        for (int i = 0; i < starts.Length; i++) hash = unchecked(hash * 31 + starts[i] * 7 + (int)masks[i]);
        return hash;
    }

    private CodePointSet Combine(CodePointSet other, Func<uint, uint, uint> operation)
    {
        var builder = new Builder();
        int i = 0, j = 0, at = 0;
        while (at < Limit)
        {
            builder.Add(at, operation(masks[i], other.masks[j]));
            int nextHere = i + 1 < starts.Length ? starts[i + 1] : Limit;
            int nextThere = j + 1 < other.starts.Length ? other.starts[j + 1] : Limit;
            at = Math.Min(nextHere, nextThere);
            if (nextHere == at) i++;
            if (nextThere == at) j++;
        }
        return builder.Build();
    }

    private sealed class Builder
    {
        private readonly List<int> starts = [];
        private readonly List<uint> masks = [];

        internal void Add(int start, uint mask)
        {
            if (start >= Limit) return;
            if (starts.Count > 0 && starts[starts.Count - 1] == start)
            {
                starts.RemoveAt(starts.Count - 1);
                masks.RemoveAt(masks.Count - 1);
            }
            if (masks.Count > 0 && masks[masks.Count - 1] == mask) return;
            starts.Add(start);
            masks.Add(mask);
        }

        internal CodePointSet Build() => new(starts, masks);
    }
}
