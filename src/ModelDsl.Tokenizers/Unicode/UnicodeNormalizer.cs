namespace ModelDsl.Tokenizers.Unicode;

/// <summary>The Unicode normalisation forms NFC, NFD, NFKC and NFKD (UAX 15), over runs of code points.</summary>
internal sealed class UnicodeNormalizer(bool compose, bool compatibility)
{
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    private readonly NormalizationData data = NormalizationData.Instance;

    /// <summary>Below this no form changes anything.</summary>
    internal int FirstAffected => compatibility ? 0xA0 : 0xC0;

    /// <summary>Whether the form of what stands before the code point cannot depend on it or on anything after it.</summary>
    internal bool IsBoundary(int codePoint)
    {
        if (codePoint < 0x300) return true;
        int first = data.Decomposition(codePoint, compatibility) is { } parts ? parts[0] : codePoint;
        return data.CombiningClass(first) == 0 && !data.ComposesBackward(first)
            && !(first is >= VBase and < VBase + VCount or > TBase and < TBase + TCount);
    }

    /// <summary>Whether the code point, alone between two boundaries, stays as it is.</summary>
    internal bool IsInert(int codePoint) =>
        data.Decomposition(codePoint, compatibility) is null && (compose || (uint)(codePoint - SBase) >= SCount);

    /// <summary>Brings a run from one boundary to the next into the form, in place.</summary>
    internal void Normalize(List<int> run)
    {
        Decompose(run);
        Order(run);
        if (compose) Compose(run);
    }

    private void Decompose(List<int> run)
    {
        for (int i = 0; i < run.Count; i++)
        {
            int codePoint = run[i], syllable = codePoint - SBase;
            if ((uint)syllable < SCount)
            {
                run[i] = LBase + syllable / (VCount * TCount);
                run.Insert(++i, VBase + syllable % (VCount * TCount) / TCount);
                if (syllable % TCount != 0) run.Insert(++i, TBase + syllable % TCount);
            }
            else if (data.Decomposition(codePoint, compatibility) is { } parts)
            {
                run.RemoveAt(i);
                run.InsertRange(i, parts);
                i += parts.Length - 1;
            }
        }
    }

    // The canonical ordering: marks sorted by their class, stably.
    private void Order(List<int> run)
    {
        for (int start = 0; start < run.Count; start++)
        {
            if (data.CombiningClass(run[start]) == 0) continue;
            int end = start + 1;
            while (end < run.Count && data.CombiningClass(run[end]) != 0) end++;
            var marks = run.GetRange(start, end - start).OrderBy(mark => data.CombiningClass(mark)).ToArray();
            for (int i = 0; i < marks.Length; i++) run[start + i] = marks[i];
            start = end;
        }
    }

    private void Compose(List<int> run)
    {
        int starter = -1, written = 0, lastClass = -1;
        for (int i = 0; i < run.Count; i++)
        {
            int codePoint = run[i], combining = data.CombiningClass(codePoint);
            if (starter >= 0 && lastClass < combining && Pair(run[starter], codePoint) is var composed && composed >= 0)
            {
                run[starter] = composed;
                continue;
            }
            if (combining == 0)
            {
                (starter, lastClass) = (written, -1);
            }
            else
            {
                lastClass = combining;
            }
            run[written++] = codePoint;
        }
        run.RemoveRange(written, run.Count - written);
    }

    private int Pair(int first, int second)
    {
        if ((uint)(first - LBase) < LCount && (uint)(second - VBase) < VCount)
            return SBase + ((first - LBase) * VCount + second - VBase) * TCount;
        if ((uint)(first - SBase) < SCount && (first - SBase) % TCount == 0 && second > TBase && second < TBase + TCount)
            return first + second - TBase;
        return data.Composition(first, second);
    }
}
