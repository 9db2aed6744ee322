using Examples.TextGpt;
using ModelDsl.Conformance.Tests.Models;

namespace ModelDsl.Attacks.Models;

/// <summary>Models that attacks train, made of the examples' and the tests' records.</summary>
internal static class TrainedModels
{
    public static readonly string[] Names = ["TextGpt", "Gpt2", "Llama", "Llama.Meta", "Llama.Qwen"];

    /// <summary>A language model of a few thousand weights.</summary>
    public static ILanguageModel Small(int vocabulary, float theta = 10000f) =>
        new TextGpt(Vocab: vocabulary, Width: 16, Layers: 2, Heads: 2, KeyHeads: 1, Hidden: 24, Theta: theta);

    /// <exception cref="ArgumentException">The sizes do not fit one another.</exception>
    public static ILanguageModel Create(string name, ModelSizes sizes) => name switch
    {
        "TextGpt" => new TextGpt(sizes.Vocabulary, sizes.Width, sizes.Layers, sizes.Heads, sizes.KeyHeads, sizes.Hidden, sizes.Theta),
        "Gpt2" => new Gpt2(sizes.Vocabulary, sizes.Context, sizes.Width, sizes.Layers, sizes.Heads),
        "Llama" => Sized(new Llama(), sizes),
        "Llama.Meta" => Sized(Llama.Meta, sizes),
        "Llama.Qwen" => Sized(Llama.Qwen, sizes),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such model."),
    };

    private static Llama Sized(Llama llama, ModelSizes sizes) => llama with
    {
        Vocab = sizes.Vocabulary,
        Width = sizes.Width,
        Layers = sizes.Layers,
        Heads = sizes.Heads,
        KeyHeads = sizes.KeyHeads,
        HeadWidth = sizes.HeadWidth,
        Hidden = sizes.Hidden,
        Theta = sizes.Theta,
        Window = sizes.Window,
    };

    /// <summary>The same tokens each time, below a vocabulary.</summary>
    public static int[] Tokens(int count, int vocabulary, ulong seed = 1) =>
        [.. Enumerable.Range(0, count).Select(i => (int)Philox.Below(vocabulary, seed, 1, (ulong)i))];
}

/// <param name="Context">Of models with a table of positions.</param>
/// <param name="HeadWidth">Of Llama, whose heads need not share the width.</param>
internal sealed record ModelSizes(int Vocabulary, int Context, int Width, int Layers, int Heads, int KeyHeads, int HeadWidth, int Hidden, float Theta, int Window);
