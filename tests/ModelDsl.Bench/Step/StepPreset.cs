using ModelDsl.Conformance.Tests.Models;

namespace ModelDsl.Bench.Step;

/// <summary>A model and the batch that it is trained on.</summary>
/// <param name="PeerVocab">Rows of the peer's table: its products want a multiple of 64 where there are many.</param>
internal sealed record StepPreset(Gpt2 Model, int Batch, int Length, int PeerVocab)
{
    public static StepPreset Named(string name) => name switch
    {
        "small" => new(new Gpt2(Vocab: 65, Context: 256, Width: 384, Layers: 6, Heads: 6), Batch: 12, Length: 256, PeerVocab: 65),
        "124m" => new(new Gpt2(), Batch: 4, Length: 64, PeerVocab: 50304),
        _ => throw new ArgumentException($"There is no preset '{name}'; there are small and 124m."),
    };

    public object[] PeerArguments(int threads) =>
        [PeerVocab, Model.Context, Model.Width, Model.Layers, Model.Heads, Batch, Length, threads];
}
