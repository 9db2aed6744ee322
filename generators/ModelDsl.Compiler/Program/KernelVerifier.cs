using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>What must hold of a kernel: names, single assignment, values used where they exist, operands used as declared.</summary>
internal sealed class KernelVerifier
{
    private readonly Kernel _kernel;
    private readonly List<string> _problems = [];
    private readonly Dictionary<int, (DType Type, Extent Extent)> _values = [];

    private KernelVerifier(Kernel kernel) => _kernel = kernel;

    /// <summary>Where a value can be used: in the whole row from here on, in this loop over columns, after it, or no more.</summary>
    private enum Extent { Row, Column, RowAfterLoop, Over }

    public static IReadOnlyList<string> Problems(Kernel kernel)
    {
        var verifier = new KernelVerifier(kernel);
        verifier.CheckParameters();
        verifier.CheckBody();
        return verifier._problems;
    }

    /// <summary>What is wrong with its names and those of its parameters.</summary>
    public static IEnumerable<string> Names(Kernel kernel)
    {
        var names = kernel.Operands.Select(o => o.Name).Concat(kernel.Sizes).Concat(kernel.Scalars.Select(s => s.Name)).ToArray();
        return names.Append(kernel.Name).Where(n => !ProgramVerifier.IsName(n)).Select(n => $"'{n}' is no name")
            .Concat(names.GroupBy(n => n).Where(g => g.Count() > 1).Select(same => $"{same.Count()} parameters are named '{same.Key}'"));
    }

    private void CheckParameters()
    {
        if (!_kernel.Sizes.Take(2).SequenceEqual([Kernel.Rows, Kernel.Columns])) Problem($"its first sizes are not {Kernel.Rows} and {Kernel.Columns}");
        foreach (var operand in _kernel.Operands)
        {
            foreach (var step in operand.Rows)
                foreach (string size in new[] { step.Divisor, step.Modulus, step.Stride }) CheckSize(size);
            if (operand.Columns == ColumnKind.Strided == (operand.ColumnStride.Length == 0)) Problem($"{operand.Name} is {operand.Columns.ToString().ToLowerInvariant()} with the stride '{operand.ColumnStride}'");
            CheckSize(operand.ColumnStride);
            if (operand.Partial && !_kernel.Chunked) Problem($"{operand.Name} is of partial sums, but the rows are not chunked");
            if (operand.Partial && operand.Rows.Count > 0) Problem($"the partial sums {operand.Name} have a place for each row");
        }
        if (_kernel.Accumulates != _kernel.Statements.Any(s => s is Store { Accumulate: true })) Problem("whether it accumulates and whether a store does differ");
    }

    private void CheckBody()
    {
        foreach (var statement in _kernel.Body)
        {
            if (statement is not ColumnLoop loop)
            {
                Check(statement, inLoop: false);
                continue;
            }
            foreach (var inner in loop.Body) Check(inner, inLoop: true);
            foreach (int id in _values.Keys.ToArray())
                _values[id] = _values[id] with { Extent = _values[id].Extent is Extent.Row or Extent.RowAfterLoop ? Extent.Row : Extent.Over };
        }
        for (int i = 0; i < _kernel.Operands.Count; i++)
            if (_kernel.Operands[i].Written != _kernel.Statements.Any(s => s is Store store && store.Operand == i || s is AddToPartial add && add.Operand == i))
                Problem($"{_kernel.Operands[i].Name} is declared {(_kernel.Operands[i].Written ? "written, but is not" : "read only, but is written")}");
    }

    private void Check(KernelStatement statement, bool inLoop)
    {
        switch (statement)
        {
            case Let let:
                if (!let.PerRow && !inLoop) Problem($"%{let.Id} is for each column, outside a loop over columns");
                Check(let.Value, let, inLoop);
                Define(let.Id, let.Type, let.PerRow ? Extent.Row : Extent.Column);
                break;
            case Reduce reduce:
                if (!inLoop) Problem($"%{reduce.Id} reduces outside a loop over columns");
                var type = Use(reduce.Value, perRow: false) ?? DType.F32;
                if (type == DType.Bool) Problem($"%{reduce.Id} reduces bools");
                Define(reduce.Id, type, Extent.RowAfterLoop);
                break;
            case Store store:
                if (!store.PerRow && !inLoop) Problem($"a store for each column to operand {store.Operand} is outside a loop over columns");
                if (OperandAt(store.Operand) is { } operand && Use(store.Value, store.PerRow) is { } stored && stored != operand.Type)
                    Problem($"%{store.Value} of {stored.Name()} is stored to {operand.Name} of {operand.Type.Name()}");
                if (OperandAt(store.Operand) is { Partial: true } sums) Problem($"the partial sums {sums.Name} are stored to");
                break;
            case AddToPartial add:
                if (!inLoop) Problem($"%{add.Value} is added to a partial sum outside a loop over columns");
                if (OperandAt(add.Operand) is { Partial: false } whole) Problem($"{whole.Name} is not of partial sums, but is added to");
                Use(add.Value, perRow: false);
                break;
            case ColumnLoop: Problem("a loop over columns is in another"); break;
        }
    }

    private void Check(KernelExpression expression, Let let, bool inLoop)
    {
        switch (expression)
        {
            case Load load:
                if (OperandAt(load.Operand) is not { } operand) break;
                if (operand.Type != let.Type) Problem($"%{let.Id} of {let.Type.Name()} is loaded from {operand.Name} of {operand.Type.Name()}");
                if (operand.Partial) Problem($"%{let.Id} is loaded from the partial sums {operand.Name}");
                if (!load.PerRow && let.PerRow) Problem($"%{let.Id}, one a row, is loaded from {operand.Name} column by column");
                break;
            case ScalarValue scalar:
                if (scalar.Scalar < 0 || scalar.Scalar >= _kernel.Scalars.Count) Problem($"%{let.Id} is scalar {scalar.Scalar} of {_kernel.Scalars.Count}");
                else if (_kernel.Scalars[scalar.Scalar].Type != let.Type) Problem($"%{let.Id} of {let.Type.Name()} is {_kernel.Scalars[scalar.Scalar].Name} of {_kernel.Scalars[scalar.Scalar].Type.Name()}");
                break;
            case IndexValue index:
                if (index.Column && (let.PerRow || !inLoop)) Problem($"%{let.Id} is the column, outside a loop over columns");
                CheckSize(index.Divisor);
                CheckSize(index.Modulus);
                break;
            case Apply apply:
                if (!apply.Operation.IsPointwise) Problem($"%{let.Id} is a {apply.Operation.Name}, which is not pointwise");
                foreach (int argument in apply.Arguments) Use(argument, let.PerRow);
                break;
        }
    }

    /// <summary>The type of a value that is used once a row or for each column; null where there is none.</summary>
    private DType? Use(int id, bool perRow)
    {
        if (!_values.TryGetValue(id, out var value) || value.Extent is Extent.RowAfterLoop or Extent.Over)
        {
            Problem($"%{id} is used where it has no value");
            return null;
        }
        if (perRow && value.Extent == Extent.Column) Problem($"%{id}, one a column, is used once a row");
        return value.Type;
    }

    private void Define(int id, DType type, Extent extent)
    {
        if (_values.ContainsKey(id)) Problem($"%{id} is defined twice");
        _values[id] = (type, extent);
    }

    private Operand? OperandAt(int index)
    {
        if (index >= 0 && index < _kernel.Operands.Count) return _kernel.Operands[index];
        Problem($"there is no operand {index}");
        return null;
    }

    private void CheckSize(string name)
    {
        if (name.Length > 0 && !_kernel.Sizes.Contains(name)) Problem($"'{name}' is not among its sizes");
    }

    private void Problem(string problem) => _problems.Add(problem);
}
