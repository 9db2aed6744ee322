using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Decode;

/// <summary>
/// The graph that computes the next token's logits from new tokens [B, T] at positions start, start + 1, ..., with the
/// keys and values of the tokens before them in caches.
/// </summary>
/// <param name="Graph">Null where the model has no such path.</param>
/// <param name="Inputs">The forward graph's, and "start", i32 [].</param>
/// <param name="Reason">Why there is none, in words; null where there is.</param>
public sealed record DecodeGraph(Graph? Graph, EquatableArray<Input> Inputs, EquatableArray<Cache> Caches, string? Reason);

/// <summary>The memory of one attention.</summary>
/// <param name="Handle">Its name in the graph: the member path.</param>
/// <param name="Layers">How many of it there are: the product of the surrounding repeats' counts.</param>
/// <param name="Heads">Key and value heads.</param>
public sealed record Cache(string Handle, Polynomial Layers, Polynomial Heads, Polynomial KeyWidth, Polynomial ValueWidth);
