
namespace ModelDsl.Compiler.Ir;

/// <summary>Which axis of a tensor runs over the tokens of a sequence: the one whose size has the symbol T. For decode rules.</summary>
public static class TokenAxis
{
    public const string Symbol = "T";

    /// <summary>Null where none does.</summary>
    /// <exception cref="ShapeException">More than one does.</exception>
    public static int? Of(Shape shape)
    {
        int[] axes = Enumerable.Range(0, shape.Rank).Where(a => Has(shape[a])).ToArray();
        return axes.Length > 1 ? throw new ShapeException($"{shape} has more than one axis of tokens") : axes.Length == 1 ? axes[0] : null;
    }

    public static int? Of(Node node) => Of(node.Shape);

    public static bool Has(Polynomial size) => size.Symbols().Contains(Symbol);

    /// <summary>Whether the inputs that have one have it where the result has it, aligned at the last axis as broadcasting does.</summary>
    public static bool IsAligned(Node node) => FromEnd(node) is var there && node.Inputs.All(i => FromEnd(i) is not { } here || here == there);

    /// <summary>Per token where an operation leaves the axis of tokens of its first input alone.</summary>
    public static DecodeRule Unless(Node node, Func<int, bool> touched) =>
        Of(node.Inputs[0]) is { } axis && touched(axis) ? DecodeRule.Unsupported : DecodeRule.PerToken;

    private static int? FromEnd(Node node) => Of(node) is { } axis ? node.Shape.Rank - axis : null;
}
