using System.Text;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Tokenizers.Chat;

namespace ModelDsl.Attacks.Readers;

/// <summary>Any text as a chat template: parsed, and a conversation rendered.</summary>
internal sealed class ChatTemplateAttack : Attack
{
    private readonly ByteMutator _bytes = new([.. TemplateSamples.All.Select(Encoding.UTF8.GetBytes)], [.. TemplateSamples.Words, .. Extremes.Numbers]);
    private readonly TokenMutator _tokens = new([.. TemplateSamples.Words, .. Extremes.Numbers]);

    public override string Name => "chat-template";

    public override string Description => "mutated and generated chat templates, rendered";

    public override string Extension => "jinja";

    public override int Weight => 5;

    public override int QuickCases => 2000;

    public override byte[] Create(Random random) => random.Next(4) switch
    {
        0 => _bytes.Next(random),
        1 => Encoding.UTF8.GetBytes(_tokens.Change(ByteMutator.Pick(TemplateSamples.All, random), random)),
        2 => Encoding.UTF8.GetBytes(new TemplateWriter(random).Template()),
        _ => Encoding.UTF8.GetBytes(_tokens.Change(new TemplateWriter(random).Template(), random)),
    };

    public override void Run(byte[] input, string folder)
    {
        var template = ChatTemplate.Parse(Encoding.UTF8.GetString(input));
        template.Render(
            [new("system", "Be brief."), new("user", "Hi <b>"), new("assistant", " Hello \ud83d\ude00 "), new("user", "")], addGenerationPrompt: true,
            new Dictionary<string, object?>
            {
                ["bos_token"] = "<s>", ["eos_token"] = "", ["x"] = null, ["n"] = long.MaxValue, ["d"] = double.NaN, ["flag"] = true,
                ["tools"] = new List<object?> { new Dictionary<string, object?> { ["name"] = "f", ["parameters"] = new List<object?> { 1L, 2.5, null, "s" } } },
            });
    }
}
