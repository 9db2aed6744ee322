using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Rules;

/// <summary>What has no use once a graph is differentiated.</summary>
internal static class GradientRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // no gradient is left to stop
        new("stopgradient x -> x", x => x.Is("stopgradient") ? x.Input(0) : null),
    ];
}
