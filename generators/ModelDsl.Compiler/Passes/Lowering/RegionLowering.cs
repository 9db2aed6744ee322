using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>
/// One region to instructions: fuses, decides where each value stands (straight in its destination wherever its maker can
/// write there), and lowers unit by unit.
/// </summary>
internal sealed partial class RegionLowering
{
    private readonly ProgramBuilder _program;
    private readonly Graph _graph;
    private readonly string _index;
    private readonly IReadOnlyDictionary<Node, string> _scalars;
    private readonly Dictionary<(Node Root, int Result), View> _values = [];
    private readonly Dictionary<(Node Root, int Result), Destination> _destinations = [];
    private readonly Dictionary<Node, View> _copies = [];
    private readonly List<Instruction> _instructions = [];
    private readonly ILookup<Node, Node> _readers;

    /// <param name="parameters">Where the region's parameters stand.</param>
    /// <param name="scalars">Those that are numbers of the host, as C#.</param>
    /// <param name="index">The symbol of the surrounding loop's index; empty outside loops.</param>
    private RegionLowering(
        ProgramBuilder program, Graph graph, IReadOnlyDictionary<Node, View> parameters, IReadOnlyDictionary<Node, string> scalars, string index)
    {
        _scalars = scalars;
        _program = program;
        _graph = graph;
        _index = index;
        foreach (var pair in parameters) _values[(pair.Key, 0)] = pair.Value;
        _readers = graph.Live().SelectMany(n => n.Inputs.Distinct().Select(i => (Input: i, Reader: n))).ToLookup(p => p.Input, p => p.Reader);
    }

    /// <param name="targets">Where each result must go, in the order of the graph's results.</param>
    public static IReadOnlyList<Instruction> Lower(
        ProgramBuilder program, Graph graph, IReadOnlyDictionary<Node, View> parameters, IReadOnlyDictionary<Node, string> scalars,
        IReadOnlyList<Destination> targets, string index = "")
    {
        var region = new RegionLowering(program, graph, parameters, scalars, index);
        var units = Fuser.Group(graph);
        var copies = region.PlaceResults(targets);
        region.PlaceScans();
        region.PlaceCaches();
        region.PlaceConcatenations();
        foreach (var unit in units) region.Lower(unit);
        foreach (var (node, to) in copies)
            if (!region.ViewOf(node).Equals(to.View)) region.Copy(region.ViewOf(node), to, $"{Naming.Of(node)} to its place");
        return region._instructions;
    }

    private void Lower(Unit unit)
    {
        if (unit.IsGroup) LowerGroup(unit);
        else if (unit.Members[0] is var node && node.Is<Scan>()) LowerScan(node);
        else if (node.Is<MatMul>()) LowerMatMul(node, null, null);
        else if (node.Is<Concat>()) LowerConcat(node);
        else if (node.Is<Pad>()) LowerPad(node);
        else LowerCallOf(node);
    }

    private void LowerGroup(Unit unit)
    {
        var outputs = new List<(Node, Destination)>();
        var partials = new List<(Node Node, View Partial, Destination To)>();
        foreach (var member in unit.Members.Where(m => IsReadOutside(m, unit)))
        {
            var to = DestinationOf(member);
            if (member.IsColumnReduction())
                partials.Add((member, View.Whole(_program.AddStorage(Naming.Of(member) + "Partial", DType.F32, new Shape(ColumnSumChunks, member.Shape.Count))), to));
            else outputs.Add((member, to));
        }
        View? product = null;
        if (unit.Product is { } matmul) _values[(matmul, 0)] = product = EpilogueTarget(matmul, unit, outputs);
        string name = Naming.Pascal(Naming.Of(outputs.Select(o => o.Item1).Concat(partials.Select(p => p.Node)).Last()));
        var (kernel, fields) = KernelBuilder.Build(name, unit, outputs, partials.Select(p => (p.Node, p.Partial)).ToList(), ViewOf, ScalarText);
        string type = _program.AddKernel(kernel);
        var instance = new KernelInstance(type, fields);
        string comment = string.Join("; ", kernel.Documentation);
        if (unit.Product is { } hosted)
        {
            LowerMatMul(hosted, product, instance);
            if (_destinations.TryGetValue((hosted, 0), out var to) && !to.View.Equals(product)) Copy(product!, to, $"{Naming.Of(hosted)} to its place");
        }
        else _instructions.Add(new LaunchInstruction(instance, kernel.Chunked ? ColumnSumChunks : RowCount(unit.Domain), comment));
        foreach (var (node, partial, to) in partials)
            _instructions.Add(new LaunchInstruction(
                new KernelInstance("AddPartials", new[]
                {
                    new Field("Partials", new PointerField(partial)), new Field("Destination", new PointerField(to.View)),
                    new Field("Columns", new SizeField(node.Shape.Count)), new Field("Accumulate", new AccumulateField(to.Mode)),
                }),
                null, $"{Naming.Of(node)} {node.Shape}: its partial sums, in order"));
    }

    /// <summary>Into how many runs of rows a sum over rows is cut: ColumnSums.Chunks of the runtime.</summary>
    private const int ColumnSumChunks = 32;

    /// <summary>
    /// Where a product stands before its epilogue: in memory of its own where others read it, else in one of the epilogue's
    /// results that it can be written to.
    /// </summary>
    private View EpilogueTarget(Node product, Unit unit, IReadOnlyList<(Node Node, Destination To)> outputs)
    {
        if (IsReadOutside(product, unit))
            return !_destinations.TryGetValue((product, 0), out var own) || own.Mode == Accumulation.Overwrite && IsRows(own.View, 1)
                ? DestinationOf(product).View
                : View.Whole(_program.AddStorage(Naming.Of(product), DType.F32, product.Shape));
        foreach (var (node, to) in outputs)
            if (to.Mode == Accumulation.Overwrite && node.Shape.Equals(unit.Domain) && node.DType == DType.F32 && IsRows(to.View, 1)
                && to.View.Reshape(product.Shape) is { } view) return view;
        return View.Whole(_program.AddStorage(Naming.Of(product), DType.F32, product.Shape));
    }

    private static Polynomial RowCount(Shape domain) => new Shape(domain.Sizes.Take(Math.Max(0, domain.Rank - 1))).Count;

    private bool IsReadOutside(Node member, Unit unit) =>
        _destinations.ContainsKey((member, 0)) || IsResult(member) || AllReaders(member).Any(r => !unit.Members.Contains(r));

    private bool IsResult(Node node) => _graph.Results.Any(r => r.Node.Root() == node);

    /// <summary>Those that read a value, through any views.</summary>
    private IEnumerable<Node> AllReaders(Node value) => _readers[value].SelectMany(r => r.IsView() ? AllReaders(r) : [r]);

    /// <summary>Where a value goes: its destination, or scratch of its own.</summary>
    private Destination DestinationOf(Node root, int result = 0)
    {
        if (!_destinations.TryGetValue((root, result), out var to))
        {
            if (_values.TryGetValue((root, result), out var made)) return new Destination(made, Accumulation.Overwrite);
            var type = root.Types[result];
            to = new Destination(View.Whole(_program.AddStorage(Naming.OfResult(root, result), type.DType, type.Shape)), Accumulation.Overwrite);
        }
        _values[(root, result)] = to.View;
        return to;
    }

    /// <summary>Where a value stands; a copy where no strides describe a reshape of it.</summary>
    private View ViewOf(Node node)
    {
        if (node.Root() is var root && root.IsHostScalar() && !_values.ContainsKey((root, 0))) Store(root);
        if (!node.IsView()) return _values.TryGetValue((node, 0), out var made) ? made : throw new InvalidOperationException($"{node} {node.Operation.Name} is read before it is made");
        var input = node.Inputs[0];
        switch (node.Operation.Name)
        {
            case "output": return _values[(input, node.Attributes.Int("index"))];
            case "slice": return ViewOf(input).Slice(Axis(node), node.Attributes.Get<Polynomial>("start"), node.Attributes.Get<Polynomial>("length"));
            case "transpose": return ViewOf(input).Transpose(node.Attributes.Get<EquatableArray<long>>("permutation").Select(p => (int)p).ToArray());
            case "broadcast": return ViewOf(input).Broadcast(node.Shape);
            default: return ViewOf(input).Reshape(node.Shape) ?? Contiguous(input).Reshape(node.Shape)!;
        }
    }

    private static int Axis(Node node) => node.Attributes.Int("axis") is var axis && axis < 0 ? axis + node.Shape.Rank : axis;

    private View Contiguous(Node node)
    {
        var view = ViewOf(node);
        if (view.IsContiguous) return view;
        if (_copies.TryGetValue(node, out var known)) return known;
        var copy = View.Whole(_program.AddStorage(Naming.Of(node) + "Copy", node.DType, node.Shape));
        Copy(view, new Destination(copy, Accumulation.Overwrite), $"{Naming.Of(node)}, contiguous");
        return _copies[node] = copy;
    }

    /// <summary>The view, or a copy of it, whose last <paramref name="inner"/> axes are contiguous and the others one run.</summary>
    private View Rows(Node node, int inner) => ViewOf(node) is var view && IsRows(view, inner) ? view : Contiguous(node);

    /// <param name="from">1 where the first axis may have a stride of its own.</param>
    private static bool IsRows(View view, int inner, int from = 0) =>
        view.Shape.Rank < inner || view.Collapse(view.Shape.Rank - inner, view.Shape.Rank) is { IsOne: true } && view.Collapse(from, view.Shape.Rank - inner) is { IsZero: false };

    private void Copy(View from, Destination to, string comment)
    {
        var (kernel, fields) = CopyKernel.Build(from, to);
        _instructions.Add(new LaunchInstruction(new KernelInstance(_program.AddKernel(kernel), fields), RowCount(to.View.Shape), comment));
    }

    /// <summary>A number of the host that something reads from memory.</summary>
    private void Store(Node scalar)
    {
        var to = DestinationOf(scalar).View;
        string text = ScalarText(scalar);
        Fill(to, scalar.DType == DType.Bool ? $"({text}) ? 1f : 0f" : $"(float)({text})", $"{Naming.Of(scalar)} = {text}");
    }

    private void Fill(View to, string value, string comment)
    {
        var (kernel, fields) = FillKernel.Build(to, value);
        _instructions.Add(new LaunchInstruction(new KernelInstance(_program.AddKernel(kernel), fields), RowCount(to.Shape), comment));
    }

    private string ScalarText(Node node) => HostScalar.Text(node, _index, _scalars);

    /// <summary>An integer that the host knows, as part of an offset.</summary>
    private Polynomial ScalarSize(Node node) => node.Is<Constant>() ? (long)node.Attributes.Get<double>("value") : Polynomial.Symbol(ScalarText(node));
}
