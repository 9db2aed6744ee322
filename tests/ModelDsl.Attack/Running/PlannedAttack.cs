using System.Text.Json;

namespace ModelDsl.Attacks.Running;

/// <summary>An attack whose input is a plan, as JSON, and not a file that the project reads.</summary>
internal abstract class PlannedAttack<TPlan> : Attack
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public override string Extension => "json";

    public override byte[] Create(Random random) => JsonSerializer.SerializeToUtf8Bytes(Plan(random), s_json);

    public override void Run(byte[] input, string folder) => Run(JsonSerializer.Deserialize<TPlan>(input, s_json)!, folder);

    protected abstract TPlan Plan(Random random);

    /// <inheritdoc cref="Attack.Run"/>
    protected abstract void Run(TPlan plan, string folder);
}
