using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Decode;

/// <summary>
/// The graph that computes the next token's logits from new tokens [B, T] at positions start, start + 1, ..., with
/// what the tokens before them left in states.
/// </summary>
/// <param name="Graph">Null where the model has no such path.</param>
/// <param name="Inputs">The forward graph's, and "start", i32 [].</param>
/// <param name="Reason">Why there is none, in words; null where there is.</param>
public sealed record DecodeGraph(Graph? Graph, EquatableArray<Input> Inputs, EquatableArray<StateSlot> States, string? Reason);
