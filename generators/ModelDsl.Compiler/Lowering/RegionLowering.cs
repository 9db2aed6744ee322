using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// One region to instructions: fuses, decides where each value stands (straight in its destination wherever its maker can
/// write there), and lowers unit by unit.
/// </summary>
internal sealed partial class RegionLowering
{
    private readonly ProgramBuilder _program;
    private readonly Graph _graph;
    private readonly string _index;
    private readonly IReadOnlyDictionary<Node, HostExpression> _scalars;
    private readonly Dictionary<(Node Root, int Result), View> _values = [];
    private readonly Dictionary<(Node Root, int Result), Destination> _destinations = [];
    private readonly Dictionary<Node, View> _copies = [];
    private readonly List<Step> _steps = [];
    private readonly ILookup<Node, Node> _readers;

    /// <param name="parameters">Where the region's parameters stand.</param>
    /// <param name="scalars">Those that are numbers of the host.</param>
    /// <param name="index">The symbol of the surrounding loop's index; empty outside loops.</param>
    private RegionLowering(
        ProgramBuilder program, Graph graph, IReadOnlyDictionary<Node, View> parameters, IReadOnlyDictionary<Node, HostExpression> scalars, string index)
    {
        _scalars = scalars;
        _program = program;
        _graph = graph;
        _index = index;
        foreach (var pair in parameters) _values[(pair.Key, 0)] = pair.Value;
        _readers = program.Rules.Live(graph).SelectMany(n => n.Inputs.Distinct().Select(i => (Input: i, Reader: n))).ToLookup(p => p.Input, p => p.Reader);
    }

    /// <param name="targets">Where each result must go, in the order of the graph's results.</param>
    public static IReadOnlyList<Step> Lower(
        ProgramBuilder program, Graph graph, IReadOnlyDictionary<Node, View> parameters, IReadOnlyDictionary<Node, HostExpression> scalars,
        IReadOnlyList<Destination> targets, string index = "")
    {
        var region = new RegionLowering(program, graph, parameters, scalars, index);
        var units = Fuser.Group(graph, program.Rules);
        var copies = region.PlaceResults(targets);
        region.PlaceScans();
        region.PlaceStates();
        region.PlaceConcatenations();
        foreach (var unit in units) region.Lower(unit);
        foreach (var (node, to) in copies)
            if (!region.ViewOf(node).Equals(to.View)) region.Copy(region.ViewOf(node), to);
        return region._steps;
    }

    private void Lower(Unit unit)
    {
        if (unit.IsGroup) LowerGroup(unit);
        else if (unit.Members[0] is var node && node.Is<Scan>()) LowerScan(node);
        else if (node.Is<MatMul>()) LowerMatMul(node, null, null);
        else if (node.Is<Concat>()) LowerConcat(node);
        else if (node.Is<Pad>()) LowerPad(node);
        else LowerCall(node);
    }

    private void LowerGroup(Unit unit)
    {
        var outputs = new List<(Node, Destination)>();
        var partials = new List<(Node Node, View Partial, Destination To)>();
        foreach (var member in unit.Members.Where(m => IsReadOutside(m, unit)))
        {
            var to = DestinationOf(member);
            if (member.IsColumnReduction())
                partials.Add((member, View.Whole(_program.AddScratch(BufferNames.OfPartials(to.View.Buffer.Origin), DType.F32, new Shape(Kernel.Chunks, member.Shape.Count))), to));
            else outputs.Add((member, to));
        }
        View? product = null;
        if (unit.Product is { } matmul) _values[(matmul, 0)] = product = EpilogueTarget(matmul, unit, outputs);
        var kernel = KernelBuilder.Build(unit, outputs, partials.Select(p => (p.Node, p.Partial)).ToList(), ViewOf, ScalarOf);
        if (unit.Product is { } hosted)
        {
            LowerMatMul(hosted, product, kernel);
            if (_destinations.TryGetValue((hosted, 0), out var to) && !to.View.Equals(product)) Copy(product!, to);
        }
        else _steps.Add(new LaunchStep(kernel, kernel.Kernel.Chunked ? Kernel.Chunks : RowCount(unit.Domain)));
        foreach (var (node, partial, to) in partials) _steps.Add(SumOfPartials(partial, to));
    }

    /// <summary>The second half of a sum over rows: the chunks' partial sums, in order.</summary>
    private static CallStep SumOfPartials(View partial, Destination to)
    {
        var graph = new Graph();
        var sum = graph.Parameter("partials", ParameterKind.Input, new TensorType(DType.F32, partial.Shape)).Sum(0, keep: false);
        return new CallStep(sum, new CallInput[] { new ViewInput(partial) }, new[] { to.View }, [], [], to.Mode);
    }

    /// <summary>
    /// Where a product stands before its epilogue: in memory of its own where others read it, else in one of the epilogue's
    /// results that it can be written to.
    /// </summary>
    private View EpilogueTarget(Node product, Unit unit, IReadOnlyList<(Node Node, Destination To)> outputs)
    {
        if (IsReadOutside(product, unit))
            return !_destinations.TryGetValue((product, 0), out var own) || own.Mode == Accumulation.Overwrite && IsRows(own.View, 1)
                ? DestinationOf(product).View
                : View.Whole(_program.AddScratch(BufferNames.Of(product), DType.F32, product.Shape));
        foreach (var (node, to) in outputs)
            if (to.Mode == Accumulation.Overwrite && node.Shape.Equals(unit.Domain) && node.DType == DType.F32 && IsRows(to.View, 1)
                && to.View.Reshape(product.Shape) is { } view) return view;
        return View.Whole(_program.AddScratch(BufferNames.Of(product), DType.F32, product.Shape));
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
            to = new Destination(View.Whole(_program.AddScratch(NamesOf(root, result), type.DType, type.Shape)), Accumulation.Overwrite);
        }
        _values[(root, result)] = to.View;
        return to;
    }

    /// <summary>The names of a result; of one of several, those of the output node that reads it.</summary>
    private BufferOrigin NamesOf(Node root, int result)
    {
        if (root.Is<Scan>()) return BufferNames.Of(root, result);
        if (root.Types.Count == 1)
        {
            // What the record names may be another shape of the same elements.
            var named = root.Origin is { HasOwnName: true } ? null
                : _readers[root].FirstOrDefault(r => r.Is<Reshape>() && r.Origin is { HasOwnName: true });
            return BufferNames.Of(named is null ? root : named, 0);
        }
        return BufferNames.Of(_graph.Nodes.FirstOrDefault(n => n.Is<Output>() && n.Inputs[0] == root && n.Attributes.Int("index") == result) ?? root, result);
    }

    /// <summary>Where a value is; a copy where no strides describe a reshape of it.</summary>
    private View ViewOf(Node node)
    {
        if (node.Root() is var root && root.IsHostScalar() && !_values.ContainsKey((root, 0))) Store(root);
        if (!node.IsView()) return _values.TryGetValue((node, 0), out var made) ? made : throw new InvalidOperationException($"{node} {node.Operation.Name} is read before it is made");
        var input = node.Inputs[0];
        return node.Operation switch
        {
            Output => _values[(input, node.Attributes.Int("index"))],
            Slice => ViewOf(input).Slice(Axis(node), node.Attributes.SizeOf("start"), node.Attributes.SizeOf("length")),
            Transpose => ViewOf(input).Transpose(node.Attributes.Integers("permutation")),
            Broadcast => ViewOf(input).Broadcast(node.Shape),
            _ => ViewOf(input).Reshape(node.Shape) ?? Contiguous(input).Reshape(node.Shape)!,
        };
    }

    private static int Axis(Node node) => node.Attributes.Int("axis") is var axis && axis < 0 ? axis + node.Shape.Rank : axis;

    private View Contiguous(Node node)
    {
        var view = ViewOf(node);
        if (view.IsContiguous) return view;
        if (_copies.TryGetValue(node, out var known)) return known;
        var copy = View.Whole(_program.AddScratch(BufferNames.Of(node, 0, "Contiguous"), node.DType, node.Shape));
        Copy(view, new Destination(copy, Accumulation.Overwrite));
        return _copies[node] = copy;
    }

    /// <summary>The view, or a copy of it, whose last <paramref name="inner"/> axes are contiguous and the others one run.</summary>
    private View Rows(Node node, int inner) => ViewOf(node) is var view && IsRows(view, inner) ? view : Contiguous(node);

    /// <param name="from">1 where the first axis may have a stride of its own.</param>
    private static bool IsRows(View view, int inner, int from = 0) =>
        view.Shape.Rank < inner || view.Collapse(view.Shape.Rank - inner, view.Shape.Rank) is { IsOne: true } && view.Collapse(from, view.Shape.Rank - inner) is { IsZero: false };

    private void Copy(View from, Destination to) => _steps.Add(new LaunchStep(CopyKernel.Build(from, to), RowCount(to.View.Shape)));

    private void Fill(View to, HostExpression value) => _steps.Add(new LaunchStep(FillKernel.Build(to, value), RowCount(to.Shape)));

    /// <summary>A number of the host that something reads from memory.</summary>
    private void Store(Node scalar) => Fill(DestinationOf(scalar).View, ScalarOf(scalar));

    private HostExpression ScalarOf(Node node) => HostScalars.Of(node, _index, _scalars);
}
