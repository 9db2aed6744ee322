using System.Globalization;

namespace ModelDsl.Runtime.Collectives;

/// <summary>A launcher's variables, read with errors that name them. An empty one counts as not set.</summary>
internal sealed class RankVariables(Func<string, string?> variable)
{
    public string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;

    public int? Int(string name) => Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value
        : throw new RankEnvironmentException($"{name} is '{text}', not a number from 0.");

    public int Needed(string name) => Int(name) ?? throw new RankEnvironmentException($"{name} is not set; the launcher's other variables are.");

    /// <summary>A rank and the number of ranks.</summary>
    public (int Rank, int Size) Place(string rankName, string sizeName)
    {
        if (Int(rankName) is not { } rank)
            throw new RankEnvironmentException($"{sizeName} is set and {rankName} is not.");
        if (Int(sizeName) is not { } size)
            throw new RankEnvironmentException($"{rankName} is set and {sizeName} is not.");
        if (size < 1 || rank >= size)
            throw new RankEnvironmentException($"{rankName} is {rank} and {sizeName} is {size}: ranks are 0 to {sizeName} - 1.");
        return (rank, size);
    }

    public int? Port() => Int("MASTER_PORT") is not { } port ? null
        : port is > 0 and < 65536 ? port
        : throw new RankEnvironmentException($"MASTER_PORT is {port}; ports are 1 to 65535.");
}
