using Examples.TextGpt;
using ModelDsl.Conformance.Tests.Models;
using ModelDsl.Runtime;

namespace ModelDsl.Bench.Step;

/// <summary>A model and the batch that it is trained on.</summary>
/// <param name="Vocab">Tokens are below it.</param>
/// <param name="PeerModel">What the peer builds its GPT-2 from; null where it has no such model.</param>
internal sealed record StepPreset(IModel Model, int Vocab, int Batch, int Length, object[]? PeerModel)
{
    public static readonly string[] Names = ["small", "124m", "textgpt"];

    // The peer's products want a multiple of 64 rows of the table where there are many.
    public static StepPreset Named(string name) => name switch
    {
        "small" => Gpt2(new(Vocab: 65, Context: 256, Width: 384, Layers: 6, Heads: 6), batch: 12, length: 256, peerVocab: 65),
        "124m" => Gpt2(new(), batch: 4, length: 64, peerVocab: 50304),
        "textgpt" => new(new TextGpt(), Vocab: 1024, Batch: 16, Length: 256, PeerModel: null),
        _ => throw new ArgumentException($"There is no preset '{name}'; there are {string.Join(", ", Names)}."),
    };

    public object[] PeerArguments(int threads) => PeerModel is null
        ? throw new ArgumentException("The peer has no such model: leave --python out.")
        : [.. PeerModel, Batch, Length, threads];

    private static StepPreset Gpt2(Gpt2 model, int batch, int length, int peerVocab) =>
        new(model, model.Vocab, batch, length, [peerVocab, model.Context, model.Width, model.Layers, model.Heads]);
}
