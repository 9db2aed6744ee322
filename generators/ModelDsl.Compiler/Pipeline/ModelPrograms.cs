using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Passes.Decode;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Pipeline;

/// <summary>A model as programs, for one target.</summary>
/// <param name="Kernels">Of all entries, in order of first use.</param>
public sealed record ModelPrograms(RecordSpec Model, IReadOnlyList<VariantPrograms> Variants, IReadOnlyList<Kernel> Kernels)
{
    /// <summary>The scalar that the gradient of the loss starts from.</summary>
    public const string GradientScale = "GradientScale";

    /// <param name="rules">The calls that the target has.</param>
    /// <param name="observe">Told of every stage.</param>
    public static ModelPrograms Lower(ElaboratedModel model, CallRules rules, System.Action<Stage>? observe = null)
    {
        var names = new NameProgram(model.Model.Hyperparameters.Select(h => h.Name));
        var recompute = (RecomputePolicy)System.Enum.Parse(typeof(RecomputePolicy), model.Model.Recompute);
        var variants = new List<VariantPrograms>();
        foreach (var variant in model.Variants)
        {
            Entry Lower(string name, Graph graph, IReadOnlyList<Pass> passes, IEnumerable<StateSlot> states)
            {
                observe?.Invoke(new Stage(variant, name, "elaborate", graph, null));
                graph = new PassManager(passes, report => observe?.Invoke(new Stage(variant, name, report.Name, report.After, null))).Run(graph);
                var entry = EntryLowering.Run(name, graph, rules, states);
                observe?.Invoke(new Stage(variant, name, "lower", null, entry));
                ProgramVerifier.Verify(entry, named: false);
                entry = names.Run(entry);
                observe?.Invoke(new Stage(variant, name, "name", null, entry));
                ProgramVerifier.Verify(entry);
                return entry;
            }
            var options = new DifferentiateOptions(recompute, GradientScale);
            var train = Lower("Train", variant.Training.Graph, PassManager.Training(rules, options), []);
            var evaluate = Lower("Evaluate", variant.Training.Graph, PassManager.Forward(rules), []);
            var forward = Lower("Forward", variant.Forward.Graph, PassManager.Forward(rules), []);
            var decode = LowerDecode.Run(variant.Forward);
            variants.Add(new VariantPrograms(variant, train, evaluate, forward,
                decode.Graph is null ? null : Lower("Decode", decode.Graph, PassManager.Forward(rules), decode.States), decode.Inputs, decode.Reason));
        }
        return new ModelPrograms(model.Model, variants, names.Kernels);
    }
}

/// <summary>The entries of one structure of a model.</summary>
/// <param name="Decode">Null where it has no such entry, for <paramref name="Reason"/>.</param>
/// <param name="DecodeInputs">What a decode step takes.</param>
public sealed record VariantPrograms(Variant Variant, Entry Train, Entry Evaluate, Entry Forward, Entry? Decode, EquatableArray<Input> DecodeInputs, string? Reason)
{
    public IEnumerable<Entry> Entries => new[] { Train, Evaluate, Forward, Decode }.OfType<Entry>();
}

/// <summary>One stage of one entry, as observers see it.</summary>
/// <param name="Entry">"Train", "Evaluate", "Forward" or "Decode".</param>
/// <param name="Name">The pass that made it.</param>
/// <param name="Graph">Null once the entry is lowered; then <paramref name="Program"/> is not.</param>
public sealed record Stage(Variant Variant, string Entry, string Name, Graph? Graph, Entry? Program);
