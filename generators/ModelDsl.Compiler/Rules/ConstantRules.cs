using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>What is known at build.</summary>
internal static class ConstantRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // a size that is a number is a constant
        new("size {4} -> 4", x => x.Is<Size>() && x.Node.Attributes.SizeOf("value") is { IsConstant: true } size ? x.Number(size.Value) : null),

        // an elementwise function of constants is a constant
        new("f(1, 2) -> 3", x =>
        {
            if (!x.Node.Operation.IsPointwise || x.Node.Inputs.Count == 0 || x.Rank > 0 || x.Node.Inputs.Any(i => !i.Is<Constant>())) return null;
            var arguments = x.Node.Inputs.Select(i => new[] { i.Attributes.Get<double>("value") }).ToArray();
            var call = new InterpretCall(x.Node, arguments, arguments.Select(_ => Array.Empty<long>()).ToArray(), [[]], new Dictionary<string, long>());
            return x.Number(x.Node.Operation.Interpret(call)[0][0]);
        }),
    ];
}
