using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Ir;

public class VerifierTests
{
    private static readonly TensorType Row = new(DType.F32, new Shape(Polynomial.Symbol("Width")));

    [Fact]
    public void A_result_of_another_graph_is_found()
    {
        var graph = new Graph();
        graph.AddResult("loss", new Graph().Constant(1));
        Assert.Contains("result \"loss\" is %0 of another region", Failure(graph));
    }

    [Fact]
    public void An_index_outside_a_scan_is_found()
    {
        var graph = new Graph();
        graph.AddResult("loss", graph.Index());
        Assert.Contains("'%0 = index : i32[]' stands outside a scan", Failure(graph));
    }

    [Fact]
    public void Parameters_of_one_name_are_found()
    {
        var graph = new Graph();
        graph.Parameter("W", ParameterKind.Weight, Row);
        graph.Parameter("W", ParameterKind.Input, Row);
        Assert.Contains("parameters %0 and %1 are both named \"W\"", Failure(graph));
    }

    [Fact]
    public void A_parameter_of_a_body_outside_one_is_found()
    {
        var graph = new Graph();
        graph.Parameter("x", ParameterKind.Carry, Row);
        Assert.Contains("is of a kind that does not belong outside a scan", Failure(graph));
    }

    [Fact]
    public void Several_results_are_read_through_outputs()
    {
        var graph = new Graph();
        var body = new Graph();
        body.AddResult("x", body.Parameter("x", ParameterKind.Carry, Row));
        var scan = graph.Add(OperationTable.Get<Scan>(), [graph.Parameter("x", ParameterKind.Input, Row)],
            Attributes.None.With("count", Polynomial.One).With("reverse", false).With("carries", 1).With("slices", 0), body);
        graph.AddResult("y", graph.Of(scan).Exp());
        Assert.Contains("'%2 = exp %1 : f32[Width]' reads %1 without an output node", Failure(graph));
    }

    [Fact]
    public void A_body_that_changes_its_carry_is_an_error_of_shapes()
    {
        var graph = new Graph();
        var body = new Graph();
        body.AddResult("x", body.Parameter("x", ParameterKind.Carry, Row).SumAll());
        var error = Assert.Throws<ShapeException>(() => graph.Add(OperationTable.Get<Scan>(), [graph.Parameter("x", ParameterKind.Input, Row)],
            Attributes.None.With("count", Polynomial.One).With("reverse", false).With("carries", 1).With("slices", 0), body));
        Assert.Equal("'x' enters a layer as f32[Width] and leaves it as f32[]", error.Message);
    }

    [Fact]
    public void An_input_of_another_graph_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new Graph().Add(OperationTable.Get<Exp>(), [new Graph().Constant(1)]));

    private static string Failure(Graph graph) => Assert.Throws<InvalidOperationException>(() => Verifier.Verify(graph)).Message;
}
