namespace ModelDsl.Runtime;

/// <summary>Reports every step to several places, in their order, on the caller's thread.</summary>
public sealed class ProgressList(params IProgress<StepMetrics>[] places) : IProgress<StepMetrics>
{
    public void Report(StepMetrics value)
    {
        foreach (var place in places)
            place.Report(value);
    }
}
