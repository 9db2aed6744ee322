using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Decode;

/// <summary>A region of the inference graph under construction.</summary>
/// <param name="Start">The position of the first new token, i32 [].</param>
/// <param name="Layer">The layer index, counted through the surrounding repeats; null outside.</param>
/// <param name="Layers">The product of their counts.</param>
internal sealed record DecodeScope(Graph Graph, Node Start, Node? Layer, Polynomial Layers, List<StateSlot> States);
