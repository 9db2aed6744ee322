namespace ModelDsl.Runtime;

/// <summary>A grid of independent rows. An implementation is a struct of pointers, sizes and scalars.</summary>
public interface IRowKernel
{
    /// <summary>Does rows <paramref name="begin"/> (inclusive) to <paramref name="end"/> (exclusive).</summary>
    void Run(int begin, int end);
}

/// <summary>A grid that computes its own number of rows from its fields.</summary>
public interface ISizedRowKernel : IRowKernel
{
    /// <summary>The number of rows to launch.</summary>
    int Rows { get; }
}

/// <summary>What is done to a finished rectangle of a matrix product while it is still in cache.</summary>
public interface IEpilogue
{
    /// <summary>Rows [row, row + rows) and columns [column, column + columns) of C are final.</summary>
    void Apply(int row, int rows, int column, int columns);
}

/// <summary>A matrix product that ends with the product.</summary>
public readonly struct NoEpilogue : IEpilogue
{
    public void Apply(int row, int rows, int column, int columns) { }
}
