// The classes of code points that a pattern tells apart.
using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Tokenizers;

/// <summary>
/// Two code points are of one class when every set of the pattern holds both or neither. The class of a code point is
/// <c>Table[interval * 30 + category]</c>, where interval i covers <c>[Starts[i], Starts[i + 1])</c>.
/// </summary>
internal sealed class CodePointClasses
{
    internal int[] Starts { get; }

    internal byte[] Table { get; }

    /// <summary>The number of classes; classes are numbered from 0 in the order of the code points.</summary>
    internal int Count { get; }

    /// <summary>For each class, which of the sets hold it.</summary>
    internal IReadOnlyList<bool[]> Members { get; }

    internal CodePointClasses(IReadOnlyList<CodePointSet> sets, PatternNode pattern, PatternBudget budget)
    {
        Starts = sets.SelectMany(set => set.Starts).Append(0).Distinct().OrderBy(start => start).ToArray();
        budget.Step((long)Starts.Length * sets.Count, pattern.Column);
        Table = new byte[Starts.Length * CodePointSet.Categories];
        var numbers = new Dictionary<string, byte>();
        var members = new List<bool[]>();
        for (int i = 0; i < Starts.Length; i++)
        {
            int end = i + 1 < Starts.Length ? Starts[i + 1] : CodePointSet.Limit;
            uint occurring = CodePointSets.StableCategories(Starts[i], end);
            var masks = sets.Select(set => set.MaskAt(Starts[i])).ToArray();
            for (int category = 0; category < CodePointSet.Categories; category++)
            {
                if ((occurring >> category & 1) == 0) continue;
                var held = masks.Select(mask => (mask >> category & 1) != 0).ToArray();
                string key = string.Concat(held.Select(h => h ? '1' : '0'));
                if (!numbers.TryGetValue(key, out byte number))
                {
                    if (members.Count == byte.MaxValue) throw new PatternException(pattern.Column, "the pattern tells apart more than 255 classes of characters");
                    numbers.Add(key, number = (byte)members.Count);
                    members.Add(held);
                }
                Table[i * CodePointSet.Categories + category] = number;
            }
        }
        Count = members.Count;
        Members = members;
    }
}
