using System.Text.Json;

namespace ModelDsl.Attacks.Running;

/// <param name="Kind">What failures of one cause have in common.</param>
internal sealed record Failure(string Attack, long Case, string Kind, string Detail);

/// <summary>The folder with the failing inputs, and a list of them that outlives the process that writes it.</summary>
internal sealed class Failures(string folder)
{
    /// <summary>Of one kind no more inputs than this are written; the list has them all.</summary>
    private const int InputsOfAKind = 20;

    private Dictionary<(string Attack, string Kind), int>? _counts; // of those before, other processes' included

    private string ListPath => Path.Combine(folder, "failures.jsonl");

    public IReadOnlyList<Failure> Read() => File.Exists(ListPath)
        ? [.. File.ReadLines(ListPath).Select(line => JsonSerializer.Deserialize<Failure>(line)!)]
        : [];

    /// <summary>Writes ATTACK-CASE.EXTENSION, the input, and ATTACK-CASE.txt, what happened.</summary>
    public void Add(Attack attack, Failure failure, byte[] input)
    {
        Directory.CreateDirectory(folder);
        _counts ??= Read().CountBy(other => (other.Attack, other.Kind)).ToDictionary();
        File.AppendAllText(ListPath, JsonSerializer.Serialize(failure) + "\n");
        int same = _counts[(failure.Attack, failure.Kind)] = _counts.GetValueOrDefault((failure.Attack, failure.Kind)) + 1;
        if (same > InputsOfAKind)
            return;
        string stem = Path.Combine(folder, $"{failure.Attack}-{failure.Case}");
        File.WriteAllBytes($"{stem}.{attack.Extension}", input);
        File.WriteAllText($"{stem}.txt", $"{failure.Kind}\n\n{failure.Detail}\n");
    }
}
