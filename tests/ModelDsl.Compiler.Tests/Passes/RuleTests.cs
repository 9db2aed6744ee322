using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;

namespace ModelDsl.Compiler.Tests.Passes;

/// <summary>What the simplifier makes of small graphs: the result's expression, before and after.</summary>
public class RuleTests
{
    private const string Inputs = """
        %0 = parameter dtype="f32" kind="input" name="x" shape=[B, C] : f32[B, C]
        %1 = parameter dtype="f32" kind="input" name="row" shape=[C] : f32[C]

        """;

    public static TheoryData<string, string> Rewrites => new()
    {
        { "%2 = constant dtype=\"f32\" value=1.0 : f32[]\n%3 = mul %2, %0 : f32[B, C]", "x" },
        { "%2 = constant dtype=\"f32\" value=0.0 : f32[]\n%3 = sub %2, %0 : f32[B, C]", "neg(x)" },
        { "%2 = neg %0 : f32[B, C]\n%3 = neg %2 : f32[B, C]", "x" },
        { "%2 = neg %1 : f32[C]\n%3 = add %0, %2 : f32[B, C]", "sub(x, row)" },
        { "%2 = constant dtype=\"f32\" value=2.0 : f32[]\n%3 = mul %0, %2 : f32[B, C]\n%4 = mul %3, %2 : f32[B, C]", "mul(x, 4)" },
        { "%2 = constant dtype=\"f32\" value=2.0 : f32[]\n%3 = mul %0, %1 : f32[B, C]\n%4 = mul %3, %2 : f32[B, C]", "mul(x, mul(row, 2))" },
        { "%2 = constant dtype=\"f32\" value=2.0 : f32[]\n%3 = pow %0, %2 : f32[B, C]", "mul(x, x)" },
        { "%2 = sqrt %0 : f32[B, C]\n%3 = reciprocal %2 : f32[B, C]", "rsqrt(x)" },
        { "%2 = broadcast %1 shape=[B, C] : f32[B, C]\n%3 = mul %0, %2 : f32[B, C]", "mul(x, row)" },
        { "%2 = broadcast %1 shape=[B, C] : f32[B, C]\n%3 = exp %2 : f32[B, C]", "broadcast(exp(row))" },
        { "%2 = broadcast %1 shape=[B, C] : f32[B, C]\n%3 = sum %2 axes=(0) keep=false : f32[C]", "mul(row, cast(size))" },
        { "%2 = sum %0 axes=(1) keep=false : f32[B]\n%3 = reshape %2 shape=[B, 1] : f32[B, 1]", "sum(x)" },
        { "%2 = transpose %0 permutation=(1, 0) : f32[C, B]\n%3 = transpose %2 permutation=(1, 0) : f32[B, C]", "x" },
        { "%2 = transpose %0 permutation=(1, 0) : f32[C, B]\n%3 = matmul %2, %0 transposeA=false transposeB=false : f32[C, C]", "matmul(x, x)" },
        { "%2 = reshape %0 shape=[B * C] : f32[B * C]\n%3 = reshape %2 shape=[B, C] : f32[B, C]", "x" },
        { "%2 = concat %0, %0 axis=1 : f32[B, 2 * C]\n%3 = slice %2 axis=1 length={C} start={C} : f32[B, C]", "x" },
        { "%2 = slice %0 axis=1 length={1} start={0} : f32[B, 1]\n%3 = slice %0 axis=1 length={C - 1} start={1} : f32[B, C - 1]\n%4 = concat %2, %3 axis=1 : f32[B, C]", "x" },
        { "%2 = pad %0 axis=0 before={0} after={B} : f32[2 * B, C]\n%3 = exp %0 : f32[B, C]\n%4 = pad %3 axis=0 before={B} after={0} : f32[2 * B, C]\n%5 = add %4, %2 : f32[2 * B, C]", "concat(x, exp(x))" },
        { "%2 = less %0, %1 : bool[B, C]\n%3 = not %2 : bool[B, C]\n%4 = neg %0 : f32[B, C]\n%5 = where %3, %0, %4 : f32[B, C]", "where(less(x, row), neg(x), x)" },
        { "%2 = less %0, %1 : bool[B, C]\n%3 = cast %2 dtype=\"f32\" : f32[B, C]\n%4 = cast %3 dtype=\"bool\" : bool[B, C]\n%5 = where %4, %0, %1 : f32[B, C]", "where(less(x, row), x, row)" },
        { "%2 = constant dtype=\"i32\" value=0.0 : i32[]\n%3 = lessequal %2, %2 : bool[]\n%4 = neg %0 : f32[B, C]\n%5 = where %3, %0, %4 : f32[B, C]", "x" },
        { "%2 = add %0, %0 : f32[B, C]", "mul(x, 2)" },
        { "%2 = reshape %0 shape=[B, C / 2, 2] : f32[B, C / 2, 2]\n%3 = exp %2 : f32[B, C / 2, 2]\n%4 = sin %2 : f32[B, C / 2, 2]\n%5 = reshape %3 shape=[B, C] : f32[B, C]\n%6 = reshape %4 shape=[B, C] : f32[B, C]\n%7 = concat %5, %6 axis=1 : f32[B, 2 * C]", "reshape(concat(exp(reshape(x)), sin(reshape(x))))" },
    };

    [Theory, MemberData(nameof(Rewrites))]
    public void Rewrites_to(string before, string after)
    {
        var graph = GraphParser.Parse(Inputs + before);
        graph.AddResult("y", graph.Nodes[^1]);
        Assert.Equal(after, Expression(Simplify.Run(graph).Results[0].Node));
    }

    /// <summary>No rule touches what may be infinite or NaN.</summary>
    [Fact]
    public void A_product_with_zero_stays()
    {
        var graph = GraphParser.Parse(Inputs + "%2 = constant dtype=\"f32\" value=0.0 : f32[]\n%3 = mul %0, %2 : f32[B, C]\nresult \"y\" %3");
        Assert.Equal("mul(x, 0)", Expression(Simplify.Run(graph).Results[0].Node));
    }

    private static string Expression(Node node) => node.Operation.Name switch
    {
        "parameter" => node.Attributes.Get<string>("name"),
        "constant" => $"{node.Attributes.Get<double>("value")}",
        _ => node.Operation.Name + (node.Inputs.Count == 0 ? "" : $"({string.Join(", ", node.Inputs.Select(Expression))})"),
    };
}
