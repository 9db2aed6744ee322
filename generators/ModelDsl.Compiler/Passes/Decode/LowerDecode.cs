using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Decode;

/// <summary>
/// From a model's forward graph over tokens to its inference graph. T becomes the number of new tokens: positions are
/// counted from "start", what reads earlier tokens reads them from a state, and only the last token's row goes through what
/// follows the last stateful operation.
/// <code>
/// iota [T]                      =>  iota [T] + start
/// attention q, k, v             =>  cachedattention q, k, v, start, layer   (each operation says what its decode step is)
/// result "logits" [B, T, Vocab] =>  result "logits" [B, Vocab]
/// </code>
/// </summary>
public static class LowerDecode
{
    public const string Start = "start";

    public static DecodeGraph Run(ModelGraph forward)
    {
        try
        {
            if (forward.Inputs.Count != 1 || !forward.Inputs[0].Type.Equals(new TensorType(DType.I32, new Shape(Polynomial.Symbol("B"), Polynomial.Symbol(TokenAxis.Symbol)))))
                throw new ShapeException("its Forward does not take tokens alone, Forward(Tokens tokens)");
            var graph = new Graph();
            var states = new List<StateSlot>();
            var parameters = forward.Inputs.Select(i => graph.Parameter(i.Name, "input", i.Type).Node).ToList();
            var start = new Input(Start, new TensorType(DType.I32, Shape.Scalar), null);
            parameters.Add(graph.Parameter(start.Name, "input", start.Type));
            var scope = new DecodeScope(graph, parameters[parameters.Count - 1], Layer: null, Layers: Polynomial.One, states);
            var results = DecodeRegion.Copy(forward.Graph, scope, []);
            if (results.Count != 1 || results[0].Shape.Rank != 3 || TokenAxis.Of(results[0].Shape) != 1)
                throw new ShapeException("its Forward does not return logits [B, T, V]");
            var last = new LastToken(graph).Of(results[0]);
            graph.AddResult("logits", graph.Of(last).Reshape(new Shape(last.Shape[0], last.Shape[2])));
            return new DecodeGraph(GraphCopy.WithParameters(graph, parameters), forward.Inputs.Append(start).ToEquatableArray(), states.ToEquatableArray(), null);
        }
        catch (ShapeException unsupported)
        {
            return new DecodeGraph(null, [], [], unsupported.Message);
        }
    }
}
