using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>The calls that a target has kernels for.</summary>
public sealed class CallRules(IEnumerable<CallRule> rules)
{
    private readonly Dictionary<Type, CallRule> _rules = rules.ToDictionary(r => r.Operation);

    /// <summary>Null where the target has none for this operation.</summary>
    public CallRule? For(Operation operation) => _rules.TryGetValue(operation.GetType(), out var rule) ? rule : null;

    public bool Supports(Node node) => For(node.Operation)?.Supports(node) == true;

    /// <summary>The inputs that a node takes from memory.</summary>
    public IEnumerable<Node> Read(Node node) => node.Inputs.Where((_, i) => Reads(node, i));

    /// <summary>The nodes that the results need in memory, in order.</summary>
    public IReadOnlyList<Node> Live(Graph graph)
    {
        var live = new bool[graph.Nodes.Count];
        foreach (var result in graph.Results) live[result.Node.Id] = true;
        for (int id = live.Length - 1; id >= 0; id--)
            if (live[id])
                foreach (var input in Read(graph.Nodes[id])) live[input.Id] = true;
        return graph.Nodes.Where(n => live[n.Id]).ToArray();
    }

    /// <summary>Whether an input is read from memory: not where the call takes it by value.</summary>
    private bool Reads(Node node, int input) => For(node.Operation) is not { } rule || rule.Input(node, input).Kind is InputKind.Rows or InputKind.Run;
}
