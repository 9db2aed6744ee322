using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// The loop IR of one kernel: a grid of independent rows; in a row, loops over columns with reductions.
/// <code>
/// kernel    = for row in rows: statement*
/// statement = let | store | columns { (let | store | reduce | addtopartial)* }
/// </code>
/// Values are in single assignment, in order. A target's printer turns a kernel into its language; it knows no graph.
/// </summary>
/// <param name="Name">Unique in the model, after the layers it computes: "AttentionNormForward". Given by the naming pass.</param>
/// <param name="Sizes">Names of the int parameters that addresses are made of; the first two are the numbers of rows and columns.</param>
/// <param name="Accumulates">Whether a flag says if stores that accumulate add to what is there.</param>
/// <param name="Chunked">
/// It sums over rows into columns: the grid is chunks of rows, each with a partial sum of its own, added up in order by a
/// later step. The number of chunks follows from the number of rows alone.
/// </param>
public sealed record Kernel(
    string Name,
    EquatableArray<Operand> Operands,
    EquatableArray<string> Sizes,
    EquatableArray<ScalarParameter> Scalars,
    EquatableArray<KernelStatement> Body,
    bool Accumulates,
    bool Chunked)
{
    public const string Rows = "Rows", Columns = "Columns";

    /// <summary>Into how many runs of rows a chunked kernel cuts its rows: ColumnSums.Chunks of the runtime.</summary>
    public const int Chunks = 32;

    /// <summary>Every statement, those in column loops included, in order.</summary>
    public IEnumerable<KernelStatement> Statements => Body.SelectMany(s => s is ColumnLoop loop ? loop.Body.AsEnumerable() : [s]);
}

/// <summary>A tensor that a kernel reads or writes.</summary>
/// <param name="Rows">How the row's number becomes an offset: the sum of ((row / divisor) % modulus) * stride.</param>
/// <param name="Columns">How the column becomes an offset.</param>
/// <param name="ColumnStride">A size parameter where the columns are strided; else empty.</param>
/// <param name="Shape">For the reader.</param>
/// <param name="Partial">Whether it is the partial sums of a chunked kernel: a row of columns for each chunk.</param>
public sealed record Operand(
    string Name, DType Type, EquatableArray<RowStep> Rows, ColumnKind Columns, string ColumnStride, Shape Shape, bool Written, bool Partial = false);

/// <summary>Names of size parameters; an empty divisor or stride is 1, an empty modulus none.</summary>
public sealed record RowStep(string Divisor, string Modulus, string Stride);

/// <summary>The same element for every column; one after the other; or a stride apart.</summary>
public enum ColumnKind { Fixed, Contiguous, Strided }

/// <summary>A number that the host passes by value.</summary>
public sealed record ScalarParameter(string Name, DType Type);

public abstract record KernelStatement;

/// <summary>A value: once a row (<paramref name="PerRow"/>) or for each column.</summary>
/// <param name="Name">What it is, where that is known: "rstd". Empty otherwise.</param>
public sealed record Let(int Id, bool PerRow, KernelExpression Value, DType Type, string Name = "") : KernelStatement;

/// <summary>One pass over the columns of the row.</summary>
public sealed record ColumnLoop(EquatableArray<KernelStatement> Body) : KernelStatement;

/// <summary>Row value <paramref name="Id"/> is the sum or the maximum of <paramref name="Value"/> over the columns of the loop that it is in.</summary>
public sealed record Reduce(int Id, bool Maximum, int Value, string Name = "") : KernelStatement;

/// <param name="Operand">The place of the operand in the kernel's list.</param>
/// <param name="PerRow">One element a row.</param>
/// <param name="Accumulate">Whether the kernel's flag says if it is added to what is there.</param>
public sealed record Store(int Operand, int Value, bool PerRow, bool Accumulate) : KernelStatement;

/// <summary>Adds a value to the chunk's partial sum of its column.</summary>
public sealed record AddToPartial(int Operand, int Value) : KernelStatement;

public abstract record KernelExpression;

/// <param name="PerRow">The operand's element of this row; otherwise of this row and column.</param>
public sealed record Load(int Operand, bool PerRow) : KernelExpression;

public sealed record ConstantValue(double Value) : KernelExpression;

/// <summary>A scalar parameter, by its place in the kernel's list.</summary>
public sealed record ScalarValue(int Scalar) : KernelExpression;

/// <summary>An axis's index as a number: the column, or (row / divisor) % modulus.</summary>
public sealed record IndexValue(bool Column, string Divisor, string Modulus) : KernelExpression;

/// <summary>A pointwise operation on values.</summary>
public sealed record Apply(Operation Operation, EquatableArray<int> Arguments) : KernelExpression;
