using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>One assignment of the model's hyperparameters: the defaults' or a preset's.</summary>
/// <param name="Name">"the defaults" or "the preset Medium".</param>
/// <param name="Sizes">The ints; one without a default is missing.</param>
/// <param name="Structure">The bools and enums, in the order of their names.</param>
internal sealed record Configuration(string Name, IReadOnlyDictionary<string, long> Sizes, IReadOnlyDictionary<string, SpecValue> Structure)
{
    /// <summary>Two configurations of one key share their graphs: "Bias=true Norm=Rms", empty where there is no structure.</summary>
    public string Key { get; } = string.Join(" ", Structure.Select(s => s.Key + "=" + Text(s.Value)));

    /// <summary>The defaults' first, then each preset's; none where a hyperparameter cannot be one, and why.</summary>
    public static (IReadOnlyList<Configuration> All, IReadOnlyList<CompileDiagnostic> Errors) Of(RecordSpec model, RecordLibrary library)
    {
        var context = new Context(library, []);
        context.Begin(model);
        var evaluator = new Evaluator(context);
        var scope = new Scope(new LayerInstance("", model, new Dictionary<string, SpecValue>(), EquatableArray<RepeatInstance>.Empty));
        foreach (var hyper in model.Hyperparameters.Where(h => Obligations.IsRunTime(h.Name))) context.Report(context.Fail(Catalogue.ReservedName, hyper.Anchor, hyper.Name));
        var all = model.Presets.Select(p => One($"the preset {p.Name}", p.Value.Arguments)).Prepend(One("the defaults", [])).ToArray();
        return (context.Diagnostics.Count > 0 ? [] : all, context.Diagnostics);

        Configuration One(string name, IReadOnlyList<Argument> arguments)
        {
            var sizes = new Dictionary<string, long>();
            var structure = new SortedDictionary<string, SpecValue>(StringComparer.Ordinal);
            foreach (var hyper in model.Hyperparameters.Where(h => h.Kind != HyperparameterKind.Float))
            {
                var expression = arguments.FirstOrDefault(a => a.Name == hyper.Name)?.Value ?? hyper.Default;
                var value = expression is null ? null : evaluator.Evaluate(expression, scope);
                if (hyper.Kind == HyperparameterKind.Int && value is IntValue size) sizes.Add(hyper.Name, size.Size.Value);
                else if (value is BoolValue or EnumValue) structure.Add(hyper.Name, value);
                else if (hyper.Kind != HyperparameterKind.Int) context.Report(context.Fail(Catalogue.StructureWithoutDefault, hyper.Anchor, hyper.Name));
            }
            return new Configuration(name, sizes, structure);
        }
    }

    public static string Text(SpecValue value) => value switch
    {
        BoolValue b => b.Truth ? "true" : "false",
        EnumValue e => e.Member,
        _ => throw new ArgumentException($"{value.Kind} is no structure"),
    };
}
