namespace ModelDsl.Inference;

/// <summary>
/// Keeps the most likely tokens, so many of them or so much of the probability, and sets the others to zero. Quickselect
/// (Hoare, 1961), by count or by weight: a few passes over the vocabulary instead of sorting it.
/// </summary>
/// <remarks>Of equally likely tokens the first in the vocabulary go first.</remarks>
internal sealed class CandidateCut(int vocabulary)
{
    private readonly int[] _candidates = new int[vocabulary];

    /// <summary>Keeps <paramref name="count"/> tokens.</summary>
    /// <returns>The sum of what stays.</returns>
    public double KeepCount(Span<float> probabilities, int count) => Keep(probabilities, count, byMass: false);

    /// <summary>Keeps the fewest tokens whose sum is <paramref name="mass"/> at least.</summary>
    /// <returns>The sum of what stays.</returns>
    public double KeepMass(Span<float> probabilities, double mass) => Keep(probabilities, mass, byMass: true);

    private double Keep(Span<float> probabilities, double limit, bool byMass)
    {
        int begin = 0, end = 0;
        for (int i = 0; i < probabilities.Length; i++)
            if (probabilities[i] > 0) _candidates[end++] = i;
        int all = end;
        double kept = 0; // count or mass of the candidates in front of begin, all of which stay; from end on none does
        while (begin < end)
        {
            int middle = Partition(probabilities, begin, end);
            double front = 0, pivot = Weight(probabilities[_candidates[middle]]);
            for (int i = begin; i < middle; i++) front += Weight(probabilities[_candidates[i]]);
            if (kept + front >= limit) end = middle;
            else (kept, begin) = (kept + front + pivot, middle + 1);
            if (kept >= limit) end = begin;
        }
        double sum = 0;
        for (int i = end; i < all; i++) probabilities[_candidates[i]] = 0;
        foreach (float probability in probabilities) sum += probability;
        return sum;

        double Weight(float probability) => byMass ? probability : 1;
    }

    /// <summary>Moves the candidates that come before a pivot to its front; returns the pivot's place.</summary>
    private int Partition(ReadOnlySpan<float> probabilities, int begin, int end)
    {
        int pivot = Median(probabilities, _candidates[begin], _candidates[begin + (end - begin) / 2], _candidates[end - 1]);
        int place = begin, at = -1;
        for (int i = begin; i < end; i++)
        {
            if (_candidates[i] == pivot) at = i;
            else if (ComesBefore(probabilities, _candidates[i], pivot))
            {
                if (at == place) at = i;
                (_candidates[place], _candidates[i]) = (_candidates[i], _candidates[place]);
                place++;
            }
        }
        (_candidates[place], _candidates[at]) = (_candidates[at], _candidates[place]);
        return place;
    }

    private static int Median(ReadOnlySpan<float> probabilities, int a, int b, int c)
    {
        if (ComesBefore(probabilities, b, a)) (a, b) = (b, a);
        if (ComesBefore(probabilities, c, b)) b = ComesBefore(probabilities, c, a) ? a : c;
        return b;
    }

    private static bool ComesBefore(ReadOnlySpan<float> probabilities, int a, int b) =>
        probabilities[a] > probabilities[b] || probabilities[a] == probabilities[b] && a < b;
}
