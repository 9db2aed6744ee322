using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A size of the attention's checks.</summary>
public sealed record AttentionSize(int Batch, int Queries, int Keys, int Heads, int KeyHeads, int HeadSize, TensorType Type)
{
    public bool Causal { get; init; }

    public int Window { get; init; }

    public float SoftCap { get; init; }

    public int QueryStart { get; init; }

    /// <summary>Extra elements between tokens; a multiple of 8 keeps rows aligned to 16 bytes.</summary>
    public int Padding { get; init; }

    /// <summary>The standard deviation of queries and keys.</summary>
    public double Spread { get; init; } = 1;

    public float Scale => 1 / MathF.Sqrt(HeadSize);

    /// <summary>Whether query t sees key s.</summary>
    public bool Sees(int t, int s) =>
        !Causal || s <= QueryStart + t && (Window == 0 || s > QueryStart + t - Window);

    /// <summary>Short, and unique for each size.</summary>
    public override string ToString() =>
        $"B{Batch} Tq{Queries} Tk{Keys} H{Heads}/{KeyHeads} D{HeadSize} {Type}{(Causal ? " causal" : "")}{(Window > 0 ? $" window {Window}" : "")}"
        + $"{(SoftCap > 0 ? $" cap {SoftCap}" : "")}{(QueryStart != 0 ? $" from {QueryStart}" : "")}{(Padding > 0 ? $" +{Padding}" : "")}{(Spread != 1 ? $" spread {Spread}" : "")}";
}
