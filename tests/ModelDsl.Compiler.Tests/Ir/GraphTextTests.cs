using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Ir;

public class GraphTextTests
{
    [Fact]
    public void A_graph_reads_as_lines()
    {
        const string text = """
            %0 = parameter dtype="f32" kind="weight" name="W" shape=[Out, 4 * In] : f32[Out, 4 * In]
            %1 = constant dtype="f32" value=0.5 : f32[]
            %2 = mul %0, %1 : f32[Out, 4 * In]
            %3 = sum %2 axes=(0, 1) keep=false : f32[]
            result "loss" %3

            """;
        Assert.Equal(text.ReplaceLineEndings("\n"), GraphText.Print(GraphParser.Parse(text)));
    }

    [Fact]
    public void Loops_and_their_gradients_read_back()
    {
        var graph = new PassManager(PassManager.Training(CSharpCpuTarget.Rules)).Run(SmallLlama.Build());
        string text = GraphText.Print(GraphParser.Parse(GraphText.Print(graph)));
        Assert.Equal(text, GraphText.Print(GraphParser.Parse(text)));
        var inputs = Layers.Inputs(graph);
        var again = new Interpreter(Layers.Symbols, inputs).Evaluate(GraphParser.Parse(text));
        foreach (var (name, values) in new Interpreter(Layers.Symbols, inputs).Evaluate(graph)) Assert.Equal(values, again[name]);
    }

    [Theory]
    [InlineData("%0 = constant dtype=\"f32\" value=1.0 : f32[]\n%1 = exp %7 : f32[]", "line 2: %7 is not defined before its use")]
    [InlineData("%0 = nothing : f32[]", "line 1: no operation is named 'nothing'")]
    [InlineData("%0 = constant dtype=\"f32\" value=1.0 : i32[]", "line 1: %0 says it is i32[], but constant gives f32[]")]
    [InlineData("%0 = size value={B : i32[]", "line 1: expected '}'")]
    [InlineData("%0 = index : i32[] }", "line 1: unexpected text after the statement")]
    [InlineData("}", "line 1: a closing brace without an opening one")]
    public void Broken_text_is_told_with_its_line(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => GraphParser.Parse(text)).Message);
}
