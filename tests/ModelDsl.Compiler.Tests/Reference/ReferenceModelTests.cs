using System.Text.Json;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Tests.Support;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Compiler.Tests.Reference;

/// <summary>Whole models against PyTorch in float64: tests/reference/small_models.py writes the files.</summary>
public class ReferenceModelTests
{
    /// <summary>Some thousand roundings, which ten steps of an optimizer that divides by small roots amplify a thousandfold.</summary>
    private const double Roundings = 1e6;

    public static TheoryData<string, RecomputePolicy> Models => new()
    {
        { "small_llama", RecomputePolicy.Pointwise }, { "small_llama", RecomputePolicy.Layer }, { "small_gpt2", RecomputePolicy.Pointwise }, { "small_gpt2", RecomputePolicy.None },
    };

    [Theory, MemberData(nameof(Models))]
    public void Loss_and_gradients_are_those_of_pytorch(string name, RecomputePolicy policy)
    {
        var (graph, reference) = Load(name, policy);
        var results = Evaluate(graph, reference.Inputs);
        Near.Check("loss", [reference.Losses[0]], results["loss"], Roundings);
        Assert.Equal(reference.Gradients.Count, results.Count - 1);
        foreach (var (weight, gradient) in reference.Gradients) Near.Check(weight, gradient, results["gradient:" + weight], Roundings);
    }

    /// <summary>Ten steps of AdamW (Loshchilov and Hutter, 2019), written out here.</summary>
    [Theory]
    [InlineData("small_llama")]
    [InlineData("small_gpt2")]
    public void Ten_losses_are_those_of_pytorch(string name)
    {
        const double rate = 1e-2, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, decay = 0.1;
        var (graph, reference) = Load(name, RecomputePolicy.Pointwise);
        var moments = reference.Gradients.ToDictionary(g => g.Key, g => (First: new double[g.Value.Length], Second: new double[g.Value.Length]));
        for (int step = 1; step <= 10; step++)
        {
            var results = Evaluate(graph, reference.Inputs);
            Near.Check($"loss {step}", [reference.Losses[step - 1]], results["loss"], Roundings);
            foreach (var (weight, (first, second)) in moments)
            {
                double[] values = reference.Inputs[weight], gradient = results["gradient:" + weight];
                for (int i = 0; i < values.Length; i++)
                {
                    first[i] = beta1 * first[i] + (1 - beta1) * gradient[i];
                    second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i];
                    double root = Math.Sqrt(second[i] / (1 - Math.Pow(beta2, step)));
                    values[i] -= rate * decay * values[i];
                    values[i] -= rate * first[i] / (1 - Math.Pow(beta1, step)) / (root + epsilon);
                }
            }
        }
    }

    private static (Graph Graph, ReferenceFile Reference) Load(string name, RecomputePolicy policy)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", name + ".json"));
        var reference = JsonSerializer.Deserialize<ReferenceFile>(text, new JsonSerializerOptions { PropertyNameCaseInsensitive = true })!;
        var model = name == "small_llama" ? SmallLlama.Build() : SmallGpt2.Build();
        return (new PassManager(PassManager.Training(CSharpCpuTarget.Rules, new DifferentiateOptions(policy))).Run(model), reference);
    }

    private static Dictionary<string, double[]> Evaluate(Graph graph, Dictionary<string, double[]> inputs) => new Interpreter(Layers.Symbols, inputs).Evaluate(graph);

    private sealed record ReferenceFile(Dictionary<string, double[]> Inputs, Dictionary<string, double[]> Gradients, double[] Losses);
}
