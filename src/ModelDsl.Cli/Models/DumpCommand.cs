using System.CommandLine;
using ModelDsl.Compiler.Elaboration;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Pipeline;
using ModelDsl.Compiler.Program;
using ModelDsl.Compiler.Spec;
using ModelDsl.Compiler.Targets.CSharpCpu;

namespace ModelDsl.Cli.Models;

/// <summary><c>modeldsl dump</c>: what the compiler makes of a model, at any stage, as text.</summary>
internal static class DumpCommand
{
    private const string Spec = "spec";

    internal static Command Create()
    {
        var options = new ModelOptions();
        var after = new Option<string?>("--after") { Description = "The stage: spec, elaborate, a pass, lower, or name, which is the last and the default.", HelpName = "PASS" };
        var entry = new Option<string?>("--entry") { Description = "Of one entry alone: Train, Evaluate, Forward or Decode.", HelpName = "NAME" };
        var list = new Option<bool>("--list") { Description = "List the stages of every entry and how large they are." };
        return options.Command("dump", """
            Show what the compiler makes of a model, after any of its passes: the spec that was read, graphs, and programs.

            Examples:
              modeldsl dump Model.cs --list
              modeldsl dump Model.cs --entry Train --after differentiate
              modeldsl dump src/MyModels --model Gpt --entry Decode
              diff <(modeldsl dump Model.cs --after simplify) <(modeldsl dump Model.cs --after "expand meanings")
            """, [after, entry, list], parsed =>
        {
            var (input, model) = ModelReading.Model(options.Compilation(parsed), parsed.GetValue(options.Model), Console.Error);
            string? stage = parsed.GetValue(after);
            if (!parsed.GetValue(list) && Spec.Equals(stage, StringComparison.OrdinalIgnoreCase))
            {
                foreach (var spec in input.Library.Prepend(input.Model)) Console.Out.WriteLine(SpecText.Print(spec));
                return 0;
            }
            var stages = Stages(model, out string? failure);
            if (parsed.GetValue(list))
            {
                Console.Out.WriteLine(Spec);
                foreach (var one in stages) Console.Out.WriteLine(Title(one) + ": " + Size(one));
            }
            else
                foreach (var one in Chosen(stages, stage ?? stages[^1].Name, parsed.GetValue(entry)))
                    Console.Out.WriteLine($"; {Title(one)}\n{(one.Program is { } program ? ProgramText.Print(program) : GraphText.Print(one.Graph!))}");
            return failure is null ? 0 : throw new InvalidDataException($"the compiler failed after {Title(stages[^1])}: {failure}");
        });
    }

    /// <summary>Every stage, up to the one after which the compiler failed.</summary>
    private static List<Stage> Stages(ElaboratedModel model, out string? failure)
    {
        var stages = new List<Stage>();
        failure = null;
        try
        {
            ModelPrograms.Lower(model, CSharpCpuTarget.Rules, stages.Add);
        }
        catch (InvalidOperationException defect) when (stages.Count > 0)
        {
            failure = defect.Message;
        }
        return stages;
    }

    private static IReadOnlyList<Stage> Chosen(List<Stage> stages, string name, string? entry)
    {
        var named = stages.Where(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (named.Length == 0) throw new ArgumentException($"there is no stage '{name}'; there are {string.Join(", ", stages.Select(s => s.Name).Prepend(Spec).Distinct())}");
        var chosen = named.Where(s => entry is null || s.Entry.Equals(entry, StringComparison.OrdinalIgnoreCase)).ToArray();
        return chosen.Length > 0 ? chosen
            : throw new ArgumentException($"there is no entry '{entry}' with a stage '{name}'; there are {string.Join(", ", named.Select(s => s.Entry).Distinct())}");
    }

    /// <summary>"Train, Bias=true, after simplify".</summary>
    private static string Title(Stage stage) => $"{stage.Entry}{(stage.Variant.Key.Length > 0 ? ", " + stage.Variant.Key : "")}, after {stage.Name}";

    private static string Size(Stage stage) => stage.Program is { } program
        ? $"{program.Steps.All().Count()} steps, {program.Kernels().Count()} kernels, {program.Scratch.Count} buffers of scratch"
        : $"{Nodes(stage.Graph!)} nodes";

    private static int Nodes(Graph graph) => graph.Nodes.Sum(n => 1 + n.Regions.Sum(Nodes));
}
