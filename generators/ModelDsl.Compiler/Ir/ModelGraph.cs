namespace ModelDsl.Compiler.Ir;

/// <summary>A graph and what a batch brings to it, in the order of its first parameters.</summary>
public sealed record ModelGraph(Graph Graph, EquatableArray<Input> Inputs);

/// <summary>One input of a graph, of the same name as its parameter.</summary>
/// <param name="Type">With the batch, "B", and for what there is one a token of, the length, "T".</param>
/// <param name="Limit">Of integers: they are below it; negative where they may be missing (targets).</param>
public sealed record Input(string Name, TensorType Type, Polynomial? Limit);
