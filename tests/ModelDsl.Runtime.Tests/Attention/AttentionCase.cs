namespace ModelDsl.Runtime.Tests;

/// <summary>The sizes and options of one attention.</summary>
public sealed record AttentionCase(int B, int Tq, int Tk, int H, int Hk, int D)
{
    public bool Causal { get; init; } = true;
    public int Window { get; init; }
    public float SoftCap { get; init; }
    /// <summary>Elements between one token's heads and the next token's.</summary>
    public int Gap { get; init; }
    /// <summary>Room for tokens in the keys and values of a sequence beyond Tk.</summary>
    public int Room { get; init; }
    /// <summary>Position of the first query; the last queries of the keys unless it is set.</summary>
    public int? Start { get; init; }

    public int QueryStart => Start ?? Tk - Tq;
    public float Scale => 1 / MathF.Sqrt(D);

    public bool Sees(int t, int s) =>
        (!Causal || s <= QueryStart + t) && (Window == 0 || s > QueryStart + t - Window);
}
