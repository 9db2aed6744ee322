namespace ModelDsl.Runtime.Collectives;

/// <summary>A rank as errors name it: "rank 3 (host h, process 4711)".</summary>
public readonly record struct RankName(int Rank, string Host, int Process)
{
    /// <summary>This process as <paramref name="rank"/>.</summary>
    public static RankName Here(int rank) => new(rank, Environment.MachineName, Environment.ProcessId);

    public override string ToString() => $"rank {Rank} (host {Host}, process {Process})";
}
