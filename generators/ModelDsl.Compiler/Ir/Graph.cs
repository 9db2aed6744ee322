using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

/// <summary>
/// A region: nodes in order of creation, parameters among them, and named results. The model is one; the body of a scan
/// is another, closed: what it reads from outside comes in as a parameter.
/// </summary>
public sealed class Graph
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Key, Node> _known = [];
    private readonly List<Result> _results = [];

    public IReadOnlyList<Node> Nodes => _nodes;
    public IReadOnlyList<Result> Results => _results;

    /// <summary>Set while building: the origin that new nodes take.</summary>
    public Origin? Origin { get; set; }

    /// <summary>The node of this operation on these inputs; the same one as before where there is one.</summary>
    /// <exception cref="ShapeException">The inputs do not fit the operation's rule.</exception>
    public Node Add(Operation operation, IReadOnlyList<Node> inputs, Attributes? attributes = null, params Graph[] regions)
    {
        var key = new Key(operation, inputs.ToArray(), attributes ?? Attributes.None, regions);
        if (_known.TryGetValue(key, out var known)) return known;
        foreach (var input in inputs)
            if (input.Id >= _nodes.Count || !ReferenceEquals(_nodes[input.Id], input))
                throw new InvalidOperationException($"{operation.Name}: an input belongs to another graph");
        var types = operation.Infer(new NodeView(key.Inputs, key.Attributes, regions));
        var node = new Node(_nodes.Count, operation, key.Inputs, key.Attributes, types, regions, Origin);
        _nodes.Add(node);
        _known.Add(key, node);
        return node;
    }

    public void AddResult(string name, Node node) => _results.Add(new Result(name, node));
    public void ClearResults() => _results.Clear();

    private sealed class Key(Operation operation, Node[] inputs, Attributes attributes, Graph[] regions) : IEquatable<Key>
    {
        public Node[] Inputs => inputs;
        public Attributes Attributes => attributes;

        public bool Equals(Key? other) => other is not null && ReferenceEquals(operation, other.Operation)
            && inputs.SequenceEqual(other.Inputs) && attributes.Equals(other.Attributes) && regions.SequenceEqual(other.Regions);

        public override bool Equals(object? obj) => Equals(obj as Key);
        public override int GetHashCode() => inputs.Aggregate(operation.GetHashCode(), (hash, n) => unchecked(hash * 31 + n.Id)) ^ attributes.GetHashCode();

        private Operation Operation => operation;
        private Graph[] Regions => regions;
    }
}

/// <param name="Name">"loss", "logits", "gradient:Token.Weight", or a carried or stacked value of a scan's body.</param>
public sealed record Result(string Name, Node Node);

/// <summary>What an operation's shape rule sees.</summary>
public sealed record NodeView(IReadOnlyList<Node> Inputs, Attributes Attributes, IReadOnlyList<Graph> Regions);

/// <summary>Inputs that do not fit an operation; the message says both shapes in words.</summary>
public sealed class ShapeException(string message) : Exception(message);
