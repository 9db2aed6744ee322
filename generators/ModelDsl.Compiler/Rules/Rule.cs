using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>A rewrite of one node into a simpler form of the same type and meaning.</summary>
/// <param name="Name">What becomes what: "x * 1 -> x".</param>
/// <param name="Apply">The new form, or null where the rule does not match.</param>
public sealed record Rule(string Name, Func<Value, Value?> Apply);

/// <summary>What rules match with.</summary>
internal static class Match
{
    /// <summary>Whether a node is a constant or a repeated one, and which.</summary>
    public static bool IsConstant(this Value x, out double value)
    {
        var node = x.Node.Is<Broadcast>() ? x.Node.Inputs[0] : x.Node;
        bool constant = node.Is<Constant>();
        value = constant ? node.Attributes.Get<double>("value") : double.NaN;
        return constant;
    }

    public static bool IsConstantOf(this Value x, double value) => x.IsConstant(out double found) && found == value;

    public static Value Input(this Value x, int index) => x.Graph.Of(x.Node.Inputs[index]);
    public static bool Is<T>(this Value x) where T : Operation => x.Node.Is<T>();

    /// <summary>x in the shape of another that it broadcasts to; null where it would change more.</summary>
    public static Value? Fit(this Value x, Value like) => ShapeRules.BroadcastsTo(x.Shape, like.Shape) ? x.Broadcast(like.Shape) : null;

    /// <summary>A constant repeated to the type of another value.</summary>
    public static Value Fill(this Value like, double value) => like.Number(value).Broadcast(like.Shape);

    /// <summary>What a broadcast repeats, and the scalar that has been given axes of one; otherwise the value itself.</summary>
    public static Value Unbroadcast(this Value x) => x.IsRepeated() ? x.Input(0).Unbroadcast() : x;

    public static bool IsRepeated(this Value x) => x.Is<Broadcast>() || x.Is<Reshape>() && x.Input(0).Rank == 0;
}
