using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelDsl.Attacks.Mutation;
using ModelDsl.Attacks.Running;
using ModelDsl.Generator.Tests;

namespace ModelDsl.Attacks.Sources;

/// <summary>
/// A model on layers of another assembly, one of whose specs in the metadata has been changed: the generator never throws.
/// </summary>
internal sealed class LayerSpecAttack : Attack
{
    private const string Model = """
        using ModelDsl; using ModelDsl.Layers; using static ModelDsl.Ops;
        [Model] public partial record Attacked(int Vocab = 16, int Width = 8)
        {
            public Embedding Token => new(Vocab, Width);
            public Linear Mix => new(Width, Width);
            public RmsNorm Final => new(Width);
            public Tensor Forward(Tokens tokens) => Token.Project(Final.Forward(Mix.Forward(Token.Lookup(tokens))));
        }
        """;

    // What a model's source sees of them; the generator reads their specs.
    private static readonly (Type Layer, string Members)[] s_layers =
    [
        (typeof(Embedding), "(int Rows, int Width) { public Tensor Lookup(Tokens tokens) => null!; public Tensor Project(Tensor x) => null!; }"),
        (typeof(Linear), "(int Inputs, int Outputs, bool UseBias = true) { public Tensor Forward(Tensor x) => null!; }"),
        (typeof(RmsNorm), "(int Width, float Eps = 1e-5f) { public Tensor Forward(Tensor x) => null!; }"),
    ];

    private readonly string[] _specs = [.. s_layers.Select(layer => Spec(layer.Layer))];
    private readonly TokenMutator _mutator;

    public LayerSpecAttack() => _mutator = new([.. Extremes.Numbers, "(", ")", "((", "weight", "member", "method", "hyperparameter", "preset", "spec", "_", "Layer", "Model", "x", "call", "if", "public"]);

    public override string Name => "layer-specs";

    public override string Description => "changed specs of layers in another assembly, through the generator";

    public override string Extension => "spec.txt";

    public override int QuickCases => 15;

    public override CaseLimits Limits => new(Seconds: 30, HangSeconds: 60, WaitSeconds: 300, HeapMegabytes: 3072);

    public override byte[] Create(Random random)
    {
        int place = random.Next(_specs.Length);
        return Encoding.UTF8.GetBytes($"{place}{_mutator.Change(_specs[place], random)}");
    }

    public override void Run(byte[] input, string folder)
    {
        string text = Encoding.UTF8.GetString(input);
        string[] specs = [.. _specs];
        specs[text[0] - '0'] = text[1..];
        string source = "using ModelDsl; namespace ModelDsl.Layers;\n" + string.Concat(s_layers.Select((layer, i) =>
            $"[Layer, LayerSpec({SymbolDisplay.FormatLiteral(specs[i], quote: true)})] public partial record {layer.Layer.Name}{layer.Members}\n"));
        var library = GeneratorHost.Compilation([source], "AttackedLayers").ToMetadataReference();
        var result = GeneratorHost.Driver().RunGenerators(GeneratorHost.Compilation([Model], "Attacked", library)).GetRunResult().Results.Single();
        if (result.Exception is { } exception)
            throw new AttackException($"{Refusal.Kind(exception)} stops the generator (CS8785): {exception}");
        if (result.Diagnostics.FirstOrDefault(diagnostic => diagnostic.Id == "MD0900") is { } defect)
            throw new AttackException($"MD0900 {string.Join(" ", defect.GetMessage().Split(' ').TakeLast(2))}: {defect.GetMessage()}");
        if (result.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
            throw new RefusedSourceException();
    }

    public override bool IsRefusal(Exception error) => error is RefusedSourceException;

    private static string Spec(Type layer) =>
        (string)layer.GetCustomAttributesData().Single(attribute => attribute.AttributeType.Name == "LayerSpecAttribute").ConstructorArguments[0].Value!;
}
