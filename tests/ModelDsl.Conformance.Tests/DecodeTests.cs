using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes.Decode;
using ModelDsl.Conformance.Tests.Support;

namespace ModelDsl.Conformance.Tests;

/// <summary>The inference graphs of language models, a few tokens at a time, against the forward graph over all of them.</summary>
public class DecodeTests
{
    /// <summary>The same sums in the same order, but for attention's: rounding of 2^-53 in a few thousand operations.</summary>
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("llama-neighbours")]
    [InlineData("llama-normed")]
    public void StepByStepIsTheWhole(string name)
    {
        var reference = Reference.Load(name);
        var variant = reference.Elaborate();
        var values = reference.Values(variant);
        int batch = (int)reference.Sizes["B"], length = (int)reference.Sizes["T"], vocab = (int)reference.Sizes["Vocab"];
        double[] tokens = values["tokens"], whole = new Interpreter(reference.Sizes, values).Evaluate(variant.Forward.Graph)["logits"];

        var decode = LowerDecode.Run(variant.Forward);
        Assert.Null(decode.Reason);
        Verifier.Verify(decode.Graph!);
        Assert.Equal(["Layers", "Layers"], decode.States.Select(s => s.Layers.ToString()));

        var memory = new Dictionary<string, double[]>();
        int start = 0;
        foreach (int count in new[] { 3, 1, 2, 1 }.TakeWhile(c => start + c <= length))
        {
            values["tokens"] = [.. Enumerable.Range(0, batch).SelectMany(b => tokens.Skip(b * length + start).Take(count))];
            values["start"] = [start];
            var sizes = reference.Sizes.ToDictionary();
            sizes["T"] = count;
            double[] logits = new Interpreter(sizes, values, memory: memory).Evaluate(decode.Graph!)["logits"];
            start += count;
            for (int b = 0; b < batch; b++)
                for (int v = 0; v < vocab; v++)
                    Assert.Equal(whole[(b * length + start - 1) * vocab + v], logits[b * vocab + v], Tolerance);
        }
        Assert.True(start >= 6);
    }

    [Fact]
    public void AModelThatIsNotOverTokensHasAReason() =>
        Assert.Contains("Forward(Tokens tokens)", LowerDecode.Run(ModelSpecs.Elaborate("VisionTransformer").Variants[0].Forward).Reason);
}
