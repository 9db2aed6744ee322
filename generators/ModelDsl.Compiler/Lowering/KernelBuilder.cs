using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// From a group of nodes to a kernel of the loop IR. A row is computed in levels: what needs no reduction, then what needs
/// the first reductions, and so on, one loop over the columns a level; a value that a later level needs again is computed
/// again there, or loaded where an earlier level stored it.
/// </summary>
internal sealed class KernelBuilder
{
    private readonly Unit _unit;
    private readonly Shape _domain;
    private readonly Func<Node, View> _viewOf;
    private readonly Func<Node, HostExpression> _scalar;
    private readonly HashSet<Node> _members;
    private readonly OperandTable _operands;
    private readonly List<(ScalarParameter Parameter, HostExpression Value)> _scalars = [];
    private readonly Dictionary<Node, int> _levels = [];
    private readonly Dictionary<object, int> _rowValues = [];
    private readonly Dictionary<Node, int> _stored = [];
    private readonly List<KernelStatement> _body = [];
    private List<KernelStatement> _loop = [];
    private Dictionary<object, int> _loopValues = [];
    private int _next;

    private KernelBuilder(Unit unit, Func<Node, View> viewOf, Func<Node, HostExpression> scalar)
    {
        _unit = unit;
        _domain = unit.Domain.Rank == 0 ? new Shape(Polynomial.One) : unit.Domain;
        _viewOf = viewOf;
        _scalar = scalar;
        _members = new HashSet<Node>(unit.Members);
        _operands = new OperandTable(_domain);
    }

    /// <param name="outputs">The members that go to memory, and where.</param>
    /// <param name="partials">The column sums, and where their partial sums go: [chunks, columns].</param>
    public static KernelCall Build(
        Unit unit, IReadOnlyList<(Node Node, Destination To)> outputs, IReadOnlyList<(Node Node, View Partial)> partials,
        Func<Node, View> viewOf, Func<Node, HostExpression> scalar) =>
        new KernelBuilder(unit, viewOf, scalar).Build(outputs, partials);

    private KernelCall Build(IReadOnlyList<(Node Node, Destination To)> outputs, IReadOnlyList<(Node Node, View Partial)> partials)
    {
        int last = _unit.Members.Max(Level);
        for (int level = 0; level <= last; level++)
        {
            _loop = [];
            _loopValues = [];
            if (level == 0) LoadProduct();
            foreach (var reduction in _unit.Members.Where(m => m.IsRowReduction() && Level(m) == level + 1))
                _loop.Add(new Reduce(RowId(reduction), reduction.Is<ReduceMax>(), Element(reduction.Inputs[0]), BufferNames.OfValue(reduction)));
            foreach (var (node, to) in outputs.Where(o => !_unit.IsRow(o.Node) && Level(o.Node) == level))
            {
                int operand = _operands.Write(node.DType, to.View, perRow: false, BufferNames.OfValue(node));
                _loop.Add(new Store(operand, Element(node), PerRow: false, to.Mode == Accumulation.FromSecondMicroStep));
                if (to.Mode == Accumulation.Overwrite) _stored[node] = operand;
            }
            foreach (var (node, partial) in partials.Where(p => Level(p.Node) == level))
                _loop.Add(new AddToPartial(_operands.Partial(partial, BufferNames.OfValue(node)), Element(node.Inputs[0])));
            if (_loop.Count > 0) _body.Add(new ColumnLoop(_loop.ToArray()));
        }
        foreach (var (node, to) in outputs.Where(o => _unit.IsRow(o.Node)))
            _body.Add(new Store(_operands.Write(node.DType, to.View, perRow: true, BufferNames.OfValue(node)), Row(node, node), PerRow: true, to.Mode == Accumulation.FromSecondMicroStep));
        var accumulation = outputs.Select(o => o.To.Mode).Where(m => m != Accumulation.Overwrite).DefaultIfEmpty(Accumulation.Overwrite).First();
        return _operands.Call(outputs.Count == 0 ? BufferNames.OfColumnSum(partials[0].Partial.Buffer) : BufferNames.OfKernel(_unit.Members, outputs.Select(o => o.Node).ToArray()), _scalars, _body, accumulation, partials.Count > 0);
    }

    /// <summary>An epilogue reads the product before it writes anything: one of its results takes the product's place.</summary>
    private void LoadProduct()
    {
        foreach (var input in _unit.Members.SelectMany(m => m.Inputs))
            if (_unit.Product is { } product && input.Root() == product) Element(input);
    }

    /// <summary>The number of reductions that must be over before a member can be computed.</summary>
    private int Level(Node node)
    {
        if (!_members.Contains(node)) return 0;
        if (_levels.TryGetValue(node, out int known)) return known;
        int level = node.Inputs.Where(i => !i.IsHostScalar()).Select(i => Level(i.Root())).DefaultIfEmpty(0).Max();
        if (node.IsRowReduction()) level++;
        return _levels[node] = level;
    }

    /// <summary>The value of a node at the current column, in the current loop.</summary>
    private int Element(Node node)
    {
        if (node.IsHostScalar()) return Scalar(node);
        var root = node.Root();
        if (_members.Contains(root))
        {
            if (_unit.IsRow(root)) return Row(root, root);
            if (_loopValues.TryGetValue(root, out int known)) return known;
            return _loopValues[root] = _stored.TryGetValue(root, out int operand)
                ? Emit(new Load(operand, PerRow: false), root.DType)
                : root.Is<Iota>() ? (Index(root) is { Column: true } column ? Emit(column, root.DType) : EmitRow(Index(root), root.DType))
                : Emit(new Apply(root.Operation, root.Inputs.Select(Element).ToArray()), root.DType, BufferNames.OfValue(root));
        }
        var access = _operands.Read(node.DType, _viewOf(node), BufferNames.OfValue(node));
        if (access.PerRow) return RowLoad(access.Operand, node.DType);
        if (_loopValues.TryGetValue(access.Operand, out int loaded)) return loaded;
        return _loopValues[access.Operand] = Emit(new Load(access.Operand, PerRow: false), node.DType);
    }

    /// <summary>The value of a node that a row has one of, as <paramref name="reader"/>, which is another, reads it.</summary>
    private int Row(Node node, Node reader)
    {
        if (node.IsHostScalar()) return Scalar(node);
        var root = node.Root();
        if (!_members.Contains(root))
        {
            var view = _viewOf(node);
            // Rows without an axis of one for the columns: what they read broadcasts against them, not against the domain.
            if (reader.Shape.Rank == _domain.Rank - 1) view = view.Broadcast(reader.Shape).Expand();
            return RowLoad(_operands.Read(node.DType, view, BufferNames.OfValue(node)).Operand, node.DType);
        }
        if (root.IsRowReduction()) return RowId(root);
        if (_rowValues.TryGetValue(root, out int known)) return known;
        int id = root.Is<Iota>()
            ? EmitRow(Index(root), root.DType)
            : EmitRow(new Apply(root.Operation, root.Inputs.Select(i => Row(i, root)).ToArray()), root.DType, BufferNames.OfValue(root));
        return _rowValues[root] = id;
    }

    private int RowId(Node reduction)
    {
        if (!_rowValues.TryGetValue(reduction, out int id)) _rowValues[reduction] = id = _next++;
        return id;
    }

    private int RowLoad(int operand, DType type)
    {
        if (!_rowValues.TryGetValue(operand, out int id)) _rowValues[operand] = id = EmitRow(new Load(operand, PerRow: true), type);
        return id;
    }

    private int Scalar(Node node)
    {
        if (_rowValues.TryGetValue(node, out int known)) return known;
        if (node.Is<Constant>()) return _rowValues[node] = EmitRow(new ConstantValue(node.Attributes.Get<double>("value")), node.DType);
        var value = _scalar(node);
        int place = _scalars.FindIndex(s => s.Value.Equals(value));
        if (place < 0)
        {
            place = _scalars.Count;
            _scalars.Add((new ScalarParameter(BufferNames.OfScalar(value) is { Length: > 0 } name && _scalars.All(s => s.Parameter.Name != name) ? name : $"Scalar{place + 1}", node.DType), value));
        }
        return _rowValues[node] = EmitRow(new ScalarValue(place), node.DType);
    }

    private IndexValue Index(Node iota)
    {
        int axis = iota.Attributes.Int("axis");
        if (axis < 0) axis += iota.Shape.Rank;
        if (axis == iota.Shape.Rank - 1) return new IndexValue(Column: true, "", "");
        var (divisor, modulus) = _operands.RowAxis(axis);
        return new IndexValue(Column: false, divisor, modulus);
    }

    private int Emit(KernelExpression value, DType type, string name = "")
    {
        _loop.Add(new Let(_next, PerRow: false, value, type, name));
        return _next++;
    }

    private int EmitRow(KernelExpression value, DType type, string name = "")
    {
        _body.Add(new Let(_next, PerRow: true, value, type, name));
        return _next++;
    }
}

/// <summary>Where a value goes and how.</summary>
/// <param name="Alone">Whether nothing else is added there in the same launch list.</param>
internal sealed record Destination(View View, Accumulation Mode, bool Alone = true);
