using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

/// <summary>
/// One operation applied to its inputs: the only node shape there is. Made by <see cref="Graph"/>, which hash-conses, so
/// equality is identity. A node of several results, and a scan of any, is read through <c>output</c> nodes.
/// </summary>
public sealed class Node
{
    internal Node(int id, Operation operation, Node[] inputs, Attributes attributes, TensorType[] types, Graph[] regions, Origin? origin)
    {
        Id = id;
        Operation = operation;
        Inputs = inputs;
        Attributes = attributes;
        Types = types;
        Regions = regions;
        Origin = origin;
    }

    /// <summary>Order of creation in its graph: inputs have smaller ids.</summary>
    public int Id { get; }
    public Operation Operation { get; }
    public IReadOnlyList<Node> Inputs { get; }
    public Attributes Attributes { get; }
    public IReadOnlyList<TensorType> Types { get; }

    /// <summary>The body of a scan; empty for everything else.</summary>
    public IReadOnlyList<Graph> Regions { get; }

    /// <summary>Where in the user's records it comes from and what it is there; no part of its identity.</summary>
    public Origin? Origin { get; internal set; }

    public TensorType Type => Types.Single();
    public Shape Shape => Type.Shape;
    public DType DType => Type.DType;

    public bool Is<T>() where T : Operation => Operation is T;
    public override string ToString() => $"%{Id}";
}
