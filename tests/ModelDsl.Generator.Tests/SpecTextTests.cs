using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Tests;

/// <summary>The text form of specs reads back to an equal spec.</summary>
public class SpecTextTests
{
    private const int None = -1; // what is read has no anchors

    private static readonly Expression X = new LocalReference("x", None), Width = new MemberReference(null, "Width", None);

    /// <summary>Everything that a spec can hold, each field with a value of its own.</summary>
    private static readonly RecordSpec Everything = new(RecordKind.Layer, "My.Layers.All", "All", "My.Layers", "internal",
        List(
            new HyperparameterSpec("Width", HyperparameterKind.Int, "int", new IntLiteral(-3, None), None),
            new HyperparameterSpec("Eps", HyperparameterKind.Float, "float", new FloatLiteral(1e-5f, None), None),
            new HyperparameterSpec("Bias", HyperparameterKind.Bool, "bool", new BoolLiteral(true, None), None),
            new HyperparameterSpec("Kind", HyperparameterKind.Enum, "global::My.Kind", new EnumLiteral("My.Kind", "First", None), None)),
        List(
            new WeightSpec("Scale", "public", List(Width, new BinaryExpression("*", new IntLiteral(4, None), Width, None)), "Residual", 0.3f, null, None),
            new WeightSpec("Always", "private protected", default, "Zeros", 0.02f, true, None),
            new WeightSpec("Never", "", default, "Ones", 1f, false, None)),
        List(
            new MemberSpec("Inner", new NewExpression("My.Layers.Other", List(new Argument("Width", Width)), None), None),
            new MemberSpec("Stack", new RepeatExpression(Width, "layer", new ConditionalExpression(new BoolLiteral(false, None),
                new NewExpression("My.Layers.Other", default, None), new NewExpression("My.Layers.Another", default, None), None), null, None), None),
            new MemberSpec("Tied", new RepeatExpression(Width, "step", new NewExpression("My.Layers.Other", default, None), new BoolLiteral(true, None), None), None)),
        List(new MethodSpec("Forward",
            List(
                new MethodParameterSpec("x", MethodParameterKind.Tensor, List(Width), null, null, None),
                new MethodParameterSpec("tokens", MethodParameterKind.Tokens, default, Width, null, None),
                new MethodParameterSpec("scale", MethodParameterKind.Float, default, null, new FloatLiteral(0.1, None), None)),
            List<Statement>(
                new AssignStatement(List("a", "_"), new TupleExpression(List(X, Width), None), None),
                new IfStatement(new UnaryExpression("!", new MemberReference(null, "Bias", None), None),
                    List<Statement>(new ReturnStatement(new UnaryExpression("-", X, None), None)),
                    List<Statement>(new AssignStatement(List("b"), new CastExpression("int", X, None), None)), None),
                new ReturnStatement(new CallExpression(new MemberReference(new MemberReference(null, "Inner", None), "Scale", None), "Forward",
                    List(new Argument("x", new CallExpression(null, "Half", default, None)),
                        new Argument("y", new OperationExpression("Reshape", List(new Argument("shape", new ListExpression(List(X, Width), None))), None))), None), None)), None)),
        List(new PresetSpec("Small", new NewExpression("My.Layers.All", List(new Argument("Width", new IntLiteral(8, None))), None), None)),
        default);

    [Fact]
    public void ReadsBackEqual() => Assert.Equal(Everything, SpecText.Parse(SpecText.Print(Everything)));

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0 / 3)]
    [InlineData(double.MaxValue)]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void FloatsKeepTheirBits(double value)
    {
        var spec = Everything with { Members = List(new MemberSpec("Number", new FloatLiteral(value, None), None)) };
        Assert.Equal(spec, SpecText.Parse(SpecText.Print(spec)));
    }

    [Theory]
    [InlineData("", "'(' was expected at offset 0")]
    [InlineData("(spec 0 Layer", "it is of version 0")]
    [InlineData("(spec 1 Layer My.A A My public (weigth B", "'weigth' is not a member")]
    [InlineData("(spec 1 Layer My.A A My public (member B 4", "')' was expected at offset 42")]
    [InlineData("(spec 1 Layer My.A A My public (member B x))", "'x' is not a value")]
    public void WrongTextsAreNamed(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => SpecText.Parse(text)).Message);

    private static EquatableArray<T> List<T>(params T[] items) => new(items);
}
