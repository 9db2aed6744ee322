using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Targets.CSharpCpu;
using ModelDsl.Conformance.Tests.Support;

namespace ModelDsl.Conformance.Tests;

/// <summary>The programs of whole models, interpreted in float64, against the graphs that they are made of.</summary>
public class ProgramTests
{
    /// <summary>Of the largest magnitude of an array: both are float64 and differ in the order of sums alone, some thousands of roundings of 2^-53.</summary>
    private const double Tolerance = 1e-12;

    private const double Scale = 0.5;
    private const ulong Seed = 3;
    private const long Step = 2;

    public static TheoryData<string> Models => new(ModelSpecs.Names);
    public static TheoryData<string> References => new(Reference.Names);

    [Theory, MemberData(nameof(Models))]
    public void EveryEntryOfEveryModelVerifiesLoweredAndNamed(string name)
    {
        int verified = 0;
        ModelPrograms.Lower(ModelSpecs.Elaborate(name), CSharpCpuTarget.Rules, stage =>
        {
            if (stage.Program is null) return;
            ProgramVerifier.Verify(stage.Program, named: stage.Name == "name");
            verified++;
        });
        Assert.True(verified >= 6);
    }

    [Theory, MemberData(nameof(References))]
    public void TrainEvaluateAndForwardMeanTheirGraphs(string name)
    {
        var reference = Reference.Load(name);
        var values = reference.Values(reference.Elaborate());
        foreach (var (graph, entry) in Lower(reference).Where(e => e.Entry.Name != "Decode"))
        {
            var expected = new Interpreter(reference.Sizes, new Dictionary<string, double[]>(values) { [ModelPrograms.GradientScale] = [Scale] }, Seed, Step).Evaluate(graph);
            var interpreter = new ProgramInterpreter(reference.Sizes, new Dictionary<string, double>(reference.Floats) { [ModelPrograms.GradientScale] = Scale }, values, Seed, Step);
            var actual = interpreter.Run(entry);
            foreach (var (weight, gradient) in interpreter.Gradients) actual.Add($"gradient:{weight}", gradient);
            Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
            Assert.Equal(entry.Name == "Train", interpreter.Gradients.Count > 0);
            foreach (var (result, numbers) in expected) Near(numbers, actual[result], $"{entry.Name}: {result}");
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("llama-neighbours")]
    [InlineData("llama-normed")]
    public void DecodeStepsMeanTheForwardOfTheWhole(string name)
    {
        var reference = Reference.Load(name);
        var values = reference.Values(reference.Elaborate());
        int batch = (int)reference.Sizes["B"], length = (int)reference.Sizes["T"], vocabulary = (int)reference.Sizes["Vocab"];
        var entries = Lower(reference).ToDictionary(e => e.Entry.Name, e => e.Entry);
        double[] tokens = values["tokens"], whole = new ProgramInterpreter(reference.Sizes, reference.Floats, values).Run(entries["Forward"])["logits"];
        var states = new Dictionary<string, double[]>();
        int start = 0;
        foreach (int count in new[] { 3, 1, 2, 1 }.TakeWhile(c => start + c <= length))
        {
            values["tokens"] = [.. Enumerable.Range(0, batch).SelectMany(b => tokens.Skip(b * length + start).Take(count))];
            var sizes = new Dictionary<string, long>(reference.Sizes) { ["T"] = count, ["Start"] = start, [State.Room] = length };
            double[] logits = new ProgramInterpreter(sizes, reference.Floats, values) { States = states }.Run(entries["Decode"])["logits"];
            start += count;
            double[] expected = [.. Enumerable.Range(0, batch).SelectMany(b => whole.Skip((b * length + start - 1) * vocabulary).Take(vocabulary))];
            Near(expected, logits, $"{start} tokens");
        }
        Assert.True(start >= 6);
        Assert.NotEmpty(states);
    }

    /// <summary>Each entry of the reference's variant, and the graph that was lowered to it.</summary>
    private static List<(Graph Graph, Entry Entry)> Lower(Reference reference)
    {
        var lowered = new List<(Graph, Entry)>();
        Graph? last = null;
        ModelPrograms.Lower(ModelSpecs.Elaborate(reference.Model), CSharpCpuTarget.Rules, stage =>
        {
            last = stage.Graph ?? last;
            if (stage.Name == "name" && stage.Variant.Key == reference.Structure) lowered.Add((last!, stage.Program!));
        });
        return lowered;
    }

    private static void Near(double[] expected, double[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double magnitude = expected.Max(Math.Abs), worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= Tolerance * magnitude, $"{what}: {worst:G3} of {magnitude:G3}");
    }
}
