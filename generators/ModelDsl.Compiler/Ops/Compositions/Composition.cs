using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>
/// An operation with one result that is written as a formula of others. It is one node as elaborated, so that targets that
/// know it by name can print it; the pass <c>decompose</c> puts the formula in its place. Its shape rule, interpretation
/// and decode rule follow from the formula.
/// </summary>
public abstract class Composition : Operation
{
    public sealed override string Name => GetType().Name.ToLowerInvariant();

    /// <summary>The formula.</summary>
    /// <exception cref="ShapeException">The inputs do not fit.</exception>
    public abstract Value Of(IReadOnlyList<Value> inputs, Attributes attributes);

    public sealed override TensorType[] Infer(NodeView node)
    {
        var scratch = new Graph();
        var inputs = node.Inputs.Select((input, i) => scratch.Parameter($"{i}", ParameterKind.Input, input.Type)).ToArray();
        return [Of(inputs, node.Attributes).Node.Type];
    }

    public sealed override IReadOnlyList<Node> Decompose(Graph graph, Node node) =>
        [Of(node.Inputs.Select(i => graph.Of(i)).ToArray(), node.Attributes)];

    public sealed override DecodeRule Decode(Node node) =>
        Meaning.Of(node).Live().All(n => n.Operation.Decode(n) == DecodeRule.PerToken) ? DecodeRule.PerToken : DecodeRule.Unsupported;

    public sealed override IEnumerable<Quotient> Divisions(Node node) => Meaning.Of(node).Live()
        .SelectMany(n => n.Types.SelectMany(t => t.Shape.Sizes).SelectMany(s => s.Quotients()).Concat(n.Operation.Divisions(n)));

    /// <summary>A test case that calls the first method of the facade.</summary>
    protected OperationCase Case(string name, string[] parameters, (string Name, object Value)[] constants, params CaseInput[] inputs) =>
        OperationCase.Of(name, x =>
        {
            var arguments = constants.ToDictionary(c => c.Name, c => c.Value);
            for (int i = 0; i < parameters.Length; i++) arguments[parameters[i]] = x[i].Node;
            return x[0].Graph.Of((Node)Surface[0].Build(new SurfaceCall(x[0].Graph, arguments)));
        }, inputs);

    protected OperationCase Case(string name, params CaseInput[] inputs) => Case(name, ["x"], [], inputs);
}
