using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>A kernel at concrete sizes, row by row and column by column in float64.</summary>
internal sealed class KernelRun
{
    private readonly Kernel _kernel;
    private readonly ProgramMemory _memory;
    private readonly Dictionary<string, long> _sizes = new() { [""] = 1 };
    private readonly TensorBuffer[] _buffers;
    private readonly long[] _offsets;
    private readonly double[] _scalars;
    private readonly bool _accumulate;
    private readonly double[] _values;
    private readonly DType[] _types;

    /// <summary>Where each operand's row begins.</summary>
    private readonly long[] _rows;

    public KernelRun(KernelCall call, ProgramMemory memory, IReadOnlyDictionary<string, long> symbols, Func<HostExpression, double> scalar, bool accumulate)
    {
        _kernel = call.Kernel;
        _memory = memory;
        for (int i = 0; i < _kernel.Sizes.Count; i++) _sizes[_kernel.Sizes[i]] = call.Sizes[i].Evaluate(symbols);
        _buffers = call.Views.Select(v => v.Buffer).ToArray();
        _offsets = call.Views.Select(v => v.Offset.Evaluate(symbols)).ToArray();
        _scalars = call.Scalars.Select(scalar).ToArray();
        _accumulate = accumulate;
        _rows = new long[_buffers.Length];
        int values = _kernel.Statements.Select(s => s switch { Let let => let.Id, Reduce reduce => reduce.Id, _ => -1 }).DefaultIfEmpty(-1).Max() + 1;
        _values = new double[values];
        _types = new DType[values];
        foreach (var statement in _kernel.Statements)
            if (statement is Let let) _types[let.Id] = let.Type;
            else if (statement is Reduce reduce) _types[reduce.Id] = _types[reduce.Value];
    }

    public long Rows => _sizes[Kernel.Rows];
    public long Columns => _sizes[Kernel.Columns];

    /// <summary>A rectangle of rows and columns; a kernel with reductions needs all columns.</summary>
    public void Run(long firstRow, long endRow, long firstColumn, long endColumn)
    {
        for (long row = firstRow; row < endRow; row++) RunRow(row, firstColumn, endColumn, chunk: 0);
    }

    /// <summary>A chunk of the rows, into its row of the partial sums.</summary>
    public void RunChunk(long chunk, long chunks)
    {
        for (int i = 0; i < _buffers.Length; i++)
            for (long column = 0; _kernel.Operands[i].Partial && column < Columns; column++) _memory.Write(_buffers[i], _offsets[i] + chunk * Columns + column, 0);
        for (long row = Rows * chunk / chunks; row < Rows * (chunk + 1) / chunks; row++) RunRow(row, 0, Columns, chunk);
    }

    private void RunRow(long row, long firstColumn, long endColumn, long chunk)
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            var operand = _kernel.Operands[i];
            _rows[i] = _offsets[i] + (operand.Partial ? chunk * Columns : 0);
            foreach (var step in operand.Rows) _rows[i] += Index(row, step.Divisor, step.Modulus) * _sizes[step.Stride];
        }
        foreach (var statement in _kernel.Body)
        {
            if (statement is not ColumnLoop loop)
            {
                Run(statement, row, column: 0);
                continue;
            }
            foreach (var reduce in loop.Body.OfType<Reduce>()) _values[reduce.Id] = reduce.Maximum ? double.NegativeInfinity : 0;
            for (long column = firstColumn; column < endColumn; column++)
                foreach (var inner in loop.Body) Run(inner, row, column);
        }
    }

    private void Run(KernelStatement statement, long row, long column)
    {
        switch (statement)
        {
            case Let let: _values[let.Id] = Value(let, row, column); break;
            case Reduce { Maximum: true } reduce: _values[reduce.Id] = Math.Max(_values[reduce.Id], _values[reduce.Value]); break;
            case Reduce reduce: _values[reduce.Id] += _values[reduce.Value]; break;
            case Store store:
                long place = Place(store.Operand, store.PerRow, column);
                double before = store.Accumulate && _accumulate ? _memory.Read(_buffers[store.Operand], place) : 0;
                _memory.Write(_buffers[store.Operand], place, before + _values[store.Value]);
                break;
            case AddToPartial add:
                long sum = Place(add.Operand, perRow: false, column);
                _memory.Write(_buffers[add.Operand], sum, _memory.Read(_buffers[add.Operand], sum) + _values[add.Value]);
                break;
        }
    }

    private double Value(Let let, long row, long column) => let.Value switch
    {
        Load load => _memory.Read(_buffers[load.Operand], Place(load.Operand, load.PerRow, column)),
        ConstantValue constant => constant.Value,
        ScalarValue scalar => _scalars[scalar.Scalar],
        IndexValue index => index.Column ? column : Index(row, index.Divisor, index.Modulus),
        Apply apply => apply.Operation.Evaluate(apply.Arguments.Select(a => _values[a]).ToArray(), _types[apply.Arguments[0]], let.Type),
        _ => throw new InvalidOperationException(let.ToString()),
    };

    private long Place(int operand, bool perRow, long column) => _rows[operand] + (perRow ? 0 : _kernel.Operands[operand].Columns switch
    {
        ColumnKind.Fixed => 0,
        ColumnKind.Contiguous => column,
        _ => column * _sizes[_kernel.Operands[operand].ColumnStride],
    });

    private long Index(long row, string divisor, string modulus) => modulus.Length > 0 ? row / _sizes[divisor] % _sizes[modulus] : row / _sizes[divisor];
}
