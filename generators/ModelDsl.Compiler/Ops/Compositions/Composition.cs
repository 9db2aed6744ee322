using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Ops;

/// <summary>An operation of the DSL that is made of others and never becomes a node of its own.</summary>
public abstract class Composition : Operation
{
    public sealed override string Name => GetType().Name.ToLowerInvariant();

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
