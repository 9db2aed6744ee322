using System.Text;
using Examples.TextGpt;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;

namespace ModelDsl.Attacks.Readers;

/// <summary>Any file as run.json, the settings that a resumed run of an example takes over.</summary>
internal sealed class RunDescriptionAttack : ReaderAttack
{
    private const string Sample = """{ "preset": "small", "steps": 500, "batch": 12, "length": 256, "seed": 1, "data": "text" }""";

    private readonly JsonMutator _json = new([Sample], []);
    private readonly ByteMutator _bytes = new([Encoding.UTF8.GetBytes(Sample)], "{", "[", "null", "\"seed\": -1", "\"\\ud800\"", ",");

    public override string Name => "run-json";

    public override string Description => "mutated run.json, the settings of a run";

    public override string Extension => "json";

    public override int Weight => 1;

    public override byte[] Create(Random random) => random.Next(2) == 0 ? _json.Next(random) : _bytes.Next(random);

    protected override void Read(string path) => RunDescription.Read(path);

    public override bool IsRefusal(Exception error) => base.IsRefusal(error) || error is InvalidDataException;
}
