using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Lowering;

/// <summary>Nodes that become one launch: a group of fusible ones, or a single other one, with what its results go through.</summary>
internal sealed class Unit(Shape domain, bool isGroup)
{
    public List<Node> Members { get; } = [];

    /// <summary>A group's iteration space: the last axis is columns, the others are rows.</summary>
    public Shape Domain { get; set; } = domain;
    public bool IsGroup { get; } = isGroup;

    /// <summary>The product whose epilogue this group is.</summary>
    public Node? Product { get; set; }

    public Shape RowShape => new(Domain.Sizes.Take(Domain.Rank - 1).Append(Polynomial.One));

    /// <summary>Whether a value of this shape has one element a row of the domain.</summary>
    public bool IsRowShape(Shape shape) => Domain.Rank > 0 && !shape.Equals(Domain)
        && (shape.Equals(RowShape) || shape.Equals(new Shape(Domain.Sizes.Take(Domain.Rank - 1))));

    /// <summary>Whether a member has one value a row.</summary>
    public bool IsRow(Node member) => member.IsRowReduction() || IsRowShape(member.Shape) && !member.IsColumnReduction();

    /// <summary>Order of emission among units that are ready.</summary>
    public int Priority => Members[Members.Count - 1].Id;

    public IEnumerable<Node> Inputs(CallRules rules) => Members.Concat(Product is null ? [] : [Product]).SelectMany(rules.Read).Where(i => !i.IsHostScalar());
}
