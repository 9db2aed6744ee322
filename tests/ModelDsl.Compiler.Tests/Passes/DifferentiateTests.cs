using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;

namespace ModelDsl.Compiler.Tests.Passes;

public class DifferentiateTests
{
    private static readonly Polynomial Width = Polynomial.Symbol("W");
    private readonly Graph _graph = new();

    [Fact]
    public void A_weight_used_twice_has_two_results()
    {
        var w = Weight("w", Width);
        _graph.AddResult("loss", (w * w.StopGradient()).SumAll() + w.Exp().SumAll());
        Assert.Equal(["loss", "gradient:w", "gradient:w"], Differentiate.Run(_graph).Results.Select(r => r.Name));
    }

    [Fact]
    public void A_weight_that_the_loss_does_not_reach_has_a_gradient_of_zeros()
    {
        Weight("unused", Width);
        _graph.AddResult("loss", Weight("w", Width).SumAll());
        var gradients = new Interpreter(Layers.Symbols, Layers.Inputs(_graph)).Evaluate(Differentiate.Run(_graph));
        Assert.Equal(new double[8], gradients["gradient:unused"]);
    }

    [Fact]
    public void Pieces_of_a_split_come_back_as_one_concat()
    {
        var w = Weight("w", 3 * Width);
        Value a = w.Slice(0, 0, Width), b = w.Slice(0, Width, Width), c = w.Slice(0, 2 * Width, Width);
        _graph.AddResult("loss", (b * a.Exp() * c).SumAll());
        var gradient = Assert.Single(Differentiate.Run(_graph).Results, r => r.Name == "gradient:w").Node;
        Assert.True(gradient.Is<Concat>(), GraphText.Line(gradient));
        Assert.Equal(3, gradient.Inputs.Count);
    }

    [Fact]
    public void The_gradient_starts_from_a_scale_where_one_is_named()
    {
        _graph.AddResult("loss", Weight("w", Width).SumAll());
        var inputs = Layers.Inputs(_graph);
        inputs["scale"] = [0.25];
        var results = new Interpreter(Layers.Symbols, inputs).Evaluate(Differentiate.Run(_graph, new DifferentiateOptions(Scale: "scale")));
        Assert.Equal(Enumerable.Repeat(0.25, 8), results["gradient:w"]);
    }

    [Fact]
    public void A_loss_that_is_no_single_number_is_refused()
    {
        _graph.AddResult("loss", Weight("w", Width));
        Assert.Equal("a loss is a single number, not f32[W]", Assert.Throws<ArgumentException>(() => Differentiate.Run(_graph)).Message);
    }

    [Fact]
    public void A_graph_without_a_loss_is_refused() => Assert.Throws<ArgumentException>(() => Differentiate.Run(_graph));

    private Value Weight(string name, params Polynomial[] shape) => _graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, new Shape(shape)));
}
