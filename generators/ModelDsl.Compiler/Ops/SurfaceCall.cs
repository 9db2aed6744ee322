using System;
using System.Collections.Generic;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// A call of an operation in a record's method, arguments by parameter name. Values are <see cref="Node"/> (tensors and
/// run-time scalars), <see cref="Polynomial"/> (ints), double, bool, string (an enum's member), and lists of ints.
/// </summary>
public sealed class SurfaceCall(Graph graph, IReadOnlyDictionary<string, object> arguments)
{
    public Graph Graph => graph;
    public bool Has(string name) => arguments.ContainsKey(name);
    public Node Tensor(string name) => (Node)arguments[name];

    /// <summary>A float: a constant, or a scalar node where it comes from a hyperparameter or a layer's index.</summary>
    public Node Scalar(string name) => throw new NotImplementedException();
    public Polynomial Size(string name) => (Polynomial)arguments[name];
}
