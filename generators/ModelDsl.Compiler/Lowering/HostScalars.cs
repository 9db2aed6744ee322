using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Program;

namespace ModelDsl.Compiler.Lowering;

/// <summary>Scalars of a graph that the host knows, as host expressions and as parts of sizes.</summary>
internal static class HostScalars
{
    /// <param name="index">The symbol of the surrounding loop's index.</param>
    /// <param name="parameters">What stands for parameters that are numbers.</param>
    public static HostExpression Of(Node node, string index, IReadOnlyDictionary<Node, HostExpression> parameters)
    {
        HostExpression Input(int i) => Of(node.Inputs[i], index, parameters);
        return node.Operation switch
        {
            Constant => new HostConstant(node.Attributes.Get<double>("value"), node.DType),
            Hyper => new HostSymbol(node.Attributes.Get<string>("name"), DType.F32),
            Parameter => parameters[node],
            LayerIndex => new HostSymbol(index, DType.I32),
            Size => new HostSize(node.Attributes.Get<Polynomial>("value")),
            Reshape or Broadcast => Input(0),
            _ => new HostApply(node.Operation, node.Inputs.Select((_, i) => Input(i)).ToArray(), node.DType),
        };
    }

    /// <summary>An integer as part of an offset.</summary>
    public static Polynomial ToSize(this HostExpression expression) => expression switch
    {
        HostConstant constant => (long)constant.Value,
        HostSymbol symbol => Polynomial.Symbol(symbol.Name),
        HostSize size => size.Value,
        HostApply { Operation: Add } sum => sum.Arguments[0].ToSize() + sum.Arguments[1].ToSize(),
        HostApply { Operation: Sub } difference => difference.Arguments[0].ToSize() - difference.Arguments[1].ToSize(),
        HostApply { Operation: Mul } product => product.Arguments[0].ToSize() * product.Arguments[1].ToSize(),
        _ => throw new NotSupportedException($"{expression} is no part of a size"),
    };
}
