using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>What has no use once a graph is differentiated.</summary>
internal static class GradientRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // no gradient is left to stop
        new("stopgradient x -> x", x => x.Is<StopGradient>() ? x.Input(0) : null),
    ];
}
