using ModelDsl.Conformance.Tests.Models;

namespace ModelDsl.Inference.Tests.Support;

/// <summary>Small language models of every kind that decoding treats in its own way, and weights for them.</summary>
internal static class TestModels
{
    public const int Vocabulary = 61, Context = 300;

    private static readonly Dictionary<string, ILanguageModel> All = new()
    {
        ["GPT-2: table of positions, joint projection, biases"] = new Gpt2(Vocab: Vocabulary, Context: Context, Width: 32, Layers: 3, Heads: 4),
        ["Llama: grouped queries"] = new Llama(Vocab: Vocabulary, Window: 0),
        ["Llama: one key head, one layer"] = new Llama(Vocab: Vocabulary, Window: 0, KeyHeads: 1, Layers: 1),
        ["Llama: window on every second layer"] = new Llama(Vocab: Vocabulary, Window: 4, Layers: 4),
        ["Llama: neighbours turn together"] = Llama.Meta with { Vocab = Vocabulary },
        ["Llama: normalised queries and keys, tied head"] = Llama.Qwen with { Vocab = Vocabulary },
        ["Llama: soft cap"] = new Llama(Vocab: Vocabulary, SoftCap: 2, KeyHeads: 4),
    };

    public static TheoryData<string> Names => new(All.Keys);

    public static ILanguageModel Get(string name) => All[name];

    public static ILanguageModel Any => All["Llama: window on every second layer"];

    /// <summary>0.2 sin(1.7 i + k), plus one for scales: large enough that tokens tell on each other.</summary>
    public static WeightStore Weights(this IModel model, Device device)
    {
        var weights = new WeightStore(model.CreateProgram().Weights, device);
        Fill(weights);
        return weights;
    }

    public static void Fill(WeightStore weights)
    {
        foreach (var info in weights.Infos)
        {
            int k = info.Name.Sum(c => c) % 97;
            weights.Write(info, 0, [.. Enumerable.Range(0, (int)info.Count).Select(i => (info.Name.EndsWith(".Scale") ? 1 : 0) + 0.2f * MathF.Sin(1.7f * i + k))]);
        }
    }

    public static int[] Tokens(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (int)Philox.Below(Vocabulary, (ulong)seed, 1, (ulong)i))];
}
