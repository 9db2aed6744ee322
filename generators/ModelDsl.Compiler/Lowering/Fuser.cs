using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Lowering;

/// <summary>
/// Groups the nodes of a region into units: pointwise chains with the row reductions between them and the column sums that
/// end them. Greedy in topological order: a node joins the youngest group among its producers that has its domain, and
/// draws its other producers' groups in. No group may depend on itself through a node outside it.
/// </summary>
/// <example>x*x, mean, rsqrt, x*r*scale of an RmsNorm: one unit. bias + gelu after a product: its epilogue.</example>
internal sealed class Fuser(CallRules rules)
{
    private const int LargestGroup = 96;
    private readonly Dictionary<Node, Unit> _unitOf = [];
    private readonly List<Unit> _units = [];

    public static IReadOnlyList<Unit> Group(Graph graph, CallRules rules)
    {
        var fuser = new Fuser(rules);
        foreach (var node in rules.Live(graph))
            if (!node.IsView() && !node.IsParameter() && !node.IsHostScalar()) fuser.Place(node);
        fuser.AttachEpilogues();
        return fuser.Sort();
    }

    private void Place(Node node)
    {
        if (!node.IsFusible())
        {
            NewUnit(node, Shape.Scalar, isGroup: false);
            return;
        }
        var domain = node.IsRowReduction() || node.IsColumnReduction() ? node.Inputs[0].Shape : node.Shape;
        var candidates = Producers(node).Where(u => u.IsGroup).Distinct().OrderByDescending(u => u.Priority).ToList();
        var host = candidates.FirstOrDefault(g => CanJoin(node, domain, g));
        if (host is null)
        {
            NewUnit(node, domain, isGroup: true);
            return;
        }
        if (host.IsRowShape(domain) is false) host.Domain = domain;
        Add(node, host);
        foreach (var other in candidates)
            if (other != host && CanMerge(host, other)) Merge(host, other);
    }

    private bool CanJoin(Node node, Shape domain, Unit group)
    {
        if (group.Members.Count >= LargestGroup) return false;
        bool same = domain.Equals(group.Domain);
        bool promotes = !same && Promotes(group, domain);
        bool row = !same && !promotes && node.Operation.IsPointwise && group.IsRowShape(node.Shape);
        if (!same && !promotes && !row) return false;
        var trial = new Unit(promotes ? domain : group.Domain, isGroup: true);
        foreach (var input in node.Inputs)
        {
            if (!_unitOf.TryGetValue(input.Root(), out var unit)) continue;
            if (unit != group)
            {
                if (DependsOn(unit, group)) return false;
            }
            else if (!Aligned(input, node, trial) || row && !trial.IsRow(input.Root())) return false;
        }
        return true;
    }

    /// <summary>A group of row values alone may become the rows of a larger domain.</summary>
    private static bool Promotes(Unit group, Shape domain) =>
        group.Domain.Rank > 0 && new Unit(domain, true).IsRowShape(group.Domain) && group.Members.All(m => m.Operation.IsPointwise);

    /// <summary>Whether a member's value, read through views, is the one at the same row and column.</summary>
    private static bool Aligned(Node value, Node reader, Unit group)
    {
        var root = value.Root();
        if (root.IsColumnReduction()) return false;
        if (!group.IsRow(root)) return value == root;
        for (var view = value; view != root; view = view.Inputs[0])
        {
            // Broadcasting counts axes from the right: rows without an axis of one for the columns would become columns.
            bool rows = view.Inputs[0].Shape.Rank == group.Domain.Rank || view.Inputs[0].Shape.Rank == 0;
            if (view.Operation is not Reshape && !(view.Is<Broadcast>() && rows)) return false;
        }
        return value.Shape.Equals(group.Domain) || group.IsRowShape(value.Shape) && value.Shape.Rank == group.Domain.Rank
            // In the same way, they are a row's value only to rows of their own kind.
            || value == root && group.IsRowShape(value.Shape) && (value.Shape.Rank == 0 || reader.Shape.Rank == value.Shape.Rank);
    }

    private bool CanMerge(Unit a, Unit b)
    {
        if (a.Members.Count + b.Members.Count > LargestGroup) return false;
        if (!a.Domain.Equals(b.Domain) && !Promotes(b, a.Domain)) return false;
        foreach (var (reader, read) in new[] { (a, b), (b, a) })
            foreach (var member in reader.Members)
                foreach (var input in rules.Read(member).Where(i => !i.IsHostScalar()))
                {
                    if (!_unitOf.TryGetValue(input.Root(), out var unit) || unit == reader) continue;
                    if (unit == read ? !Aligned(input, member, a) : DependsOn(unit, read)) return false;
                }
        return true;
    }

    private void Merge(Unit into, Unit from)
    {
        foreach (var member in from.Members) _unitOf[member] = into;
        into.Members.AddRange(from.Members);
        into.Members.Sort((x, y) => x.Id.CompareTo(y.Id));
        _units.Remove(from);
    }

    /// <summary>
    /// A group without reductions that reads a matrix product becomes the product's epilogue; of several products the last,
    /// for which the others have been made already. What else the group reads must not depend on the product.
    /// </summary>
    private void AttachEpilogues()
    {
        foreach (var group in _units.Where(u => u.IsGroup && !u.Members.Any(m => m.IsReduction())).ToList())
        {
            if (!group.Members.Any(m => m.Shape.Equals(group.Domain))) continue;
            var product = group.Inputs(rules).Where(i => IsWholeProduct(i, group)).Select(i => i.Root()).Distinct()
                .OrderByDescending(p => p.Id).FirstOrDefault(p => !_unitOf[p].IsGroup && Dependencies(group).All(u => u == _unitOf[p] || !DependsOn(u, _unitOf[p])));
            if (product is null) continue;
            group.Product = product;
            _units.Remove(_unitOf[product]);
            _unitOf[product] = group;
        }
    }

    private static bool IsWholeProduct(Node input, Unit group)
    {
        var root = input.Root();
        if (!root.Is<MatMul>() || root.Inputs[1].Shape.Rank != 2 || root.Inputs[0].Shape.Rank > 2 && root.Attributes.Get("transposeA", false) || !input.Shape.Equals(group.Domain)) return false;
        for (var view = input; view != root; view = view.Inputs[0]) if (!view.Is<Reshape>()) return false;
        return group.Domain.Rank > 0 && root.Shape[-1].Equals(group.Domain[-1]);
    }

    private void NewUnit(Node node, Shape domain, bool isGroup)
    {
        var unit = new Unit(domain, isGroup);
        _units.Add(unit);
        Add(node, unit);
    }

    private void Add(Node node, Unit unit)
    {
        unit.Members.Add(node);
        _unitOf[node] = unit;
    }

    private IEnumerable<Unit> Producers(Node node) =>
        rules.Read(node).Select(i => i.Root()).Where(_unitOf.ContainsKey).Select(r => _unitOf[r]);

    private IEnumerable<Unit> Dependencies(Unit unit) =>
        unit.Inputs(rules).Select(i => i.Root()).Where(_unitOf.ContainsKey).Select(r => _unitOf[r]).Where(u => u != unit).Distinct();

    private bool DependsOn(Unit unit, Unit target)
    {
        var seen = new HashSet<Unit>();
        var open = new Stack<Unit>([unit]);
        while (open.Count > 0)
        {
            var next = open.Pop();
            if (next == target) return true;
            if (seen.Add(next)) foreach (var dependency in Dependencies(next)) open.Push(dependency);
        }
        return false;
    }

    /// <summary>Dependencies first, otherwise in the order of the graph.</summary>
    private IReadOnlyList<Unit> Sort()
    {
        var sorted = new List<Unit>();
        var done = new HashSet<Unit>();
        foreach (var unit in _units.OrderBy(u => u.Priority)) Visit(unit);
        return sorted;

        void Visit(Unit unit)
        {
            if (!done.Add(unit)) return;
            foreach (var dependency in Dependencies(unit).OrderBy(u => u.Priority)) Visit(dependency);
            sorted.Add(unit);
        }
    }
}
