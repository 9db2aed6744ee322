namespace ModelDsl.Runtime.Collectives;

/// <summary>How the parts of the ranks become one.</summary>
public enum ReduceOperation : byte
{
    Sum,
    Product,
    Minimum,
    Maximum,
    /// <summary>The sum, divided by the number of ranks; floating-point types only.</summary>
    Average,
}
