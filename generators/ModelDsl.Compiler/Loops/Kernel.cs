using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Loops;

/// <summary>
/// The loop IR of one kernel: a grid of independent rows; in a row, loops over columns with reductions.
/// <code>
/// kernel    = for row in rows: statement*
/// statement = let | store | columns { (let | store | reduce | addtopartial)* }
/// </code>
/// Printers turn it into C# and into C dialects; neither knows of graphs. Values are in single assignment, in order.
/// </summary>
/// <param name="Chunked">
/// It sums over rows into columns: the grid is chunks of rows, each with a partial sum of its own, added up in order by a
/// second launch. The number of chunks follows from the number of rows alone.
/// </param>
public sealed record Kernel(
    string Name,
    EquatableArray<string> Documentation,
    EquatableArray<Operand> Operands,
    EquatableArray<ScalarParameter> Scalars,
    EquatableArray<KernelStatement> Body,
    bool Chunked);

/// <summary>A tensor that a kernel reads or writes.</summary>
/// <param name="Rows">How the row's number becomes an offset: the sum of ((row / divisor) % modulus) * stride.</param>
/// <param name="Columns">How the column becomes an offset.</param>
/// <param name="Shape">For the reader.</param>
public sealed record Operand(
    string Name, DType Type, EquatableArray<RowStep> Rows, ColumnKind Columns, string ColumnStride, string Shape, bool Written);

/// <summary>Names of int fields; an empty divisor is 1, an empty modulus none.</summary>
public sealed record RowStep(string Divisor, string Modulus, string Stride);

/// <summary>The same element for every column; one after the other; or a stride apart.</summary>
public enum ColumnKind { Fixed, Contiguous, Strided }

/// <summary>A float, int or bool that the host passes by value.</summary>
public sealed record ScalarParameter(string Name, string Type);

public abstract record KernelStatement;

/// <summary>A value: once a row (<paramref name="PerRow"/>) or for each column.</summary>
public sealed record Let(int Id, bool PerRow, KernelExpression Value, DType Type) : KernelStatement;

/// <summary>One pass over the columns of the row.</summary>
public sealed record ColumnLoop(EquatableArray<KernelStatement> Body) : KernelStatement;

/// <summary>Row value <paramref name="Id"/> is the sum or the maximum of <paramref name="Value"/> over the columns of the loop it stands in.</summary>
public sealed record Reduce(int Id, bool Maximum, int Value) : KernelStatement;

/// <param name="PerRow">One element a row.</param>
/// <param name="Accumulate">Whether the kernel's Accumulate field says if it is added to what is there.</param>
public sealed record Store(string Operand, int Value, bool PerRow, bool Accumulate) : KernelStatement;

/// <summary>Adds a value to the chunk's partial sum of its column.</summary>
public sealed record AddToPartial(string Operand, int Value) : KernelStatement;

public abstract record KernelExpression;

/// <param name="PerRow">The operand's element of this row; otherwise of this row and column.</param>
public sealed record Load(string Operand, bool PerRow) : KernelExpression;

public sealed record ConstantValue(double Value) : KernelExpression;

/// <summary>A scalar parameter.</summary>
public sealed record ScalarValue(string Name) : KernelExpression;

/// <summary>An axis's index as a number: the column, or (row / divisor) % modulus.</summary>
public sealed record IndexValue(bool Column, string Divisor, string Modulus) : KernelExpression;

/// <summary>A pointwise operation on values.</summary>
public sealed record Apply(Operation Operation, EquatableArray<int> Arguments) : KernelExpression;
