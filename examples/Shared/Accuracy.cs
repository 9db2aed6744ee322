namespace Examples.Shared;

/// <summary>The share of rows in which the label has the highest score.</summary>
internal static class Accuracy
{
    /// <param name="scores">[examples, classes].</param>
    public static double Of(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        int right = 0, classes = scores.Length / labels.Length;
        for (int i = 0; i < labels.Length; i++)
        {
            var row = scores.Slice(i * classes, classes);
            int best = 0;
            for (int c = 1; c < classes; c++)
                if (row[c] > row[best])
                    best = c;
            right += best == labels[i] ? 1 : 0;
        }
        return (double)right / labels.Length;
    }
}
