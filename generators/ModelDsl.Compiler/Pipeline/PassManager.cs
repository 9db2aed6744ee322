using System.Diagnostics;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Lowering;
using ModelDsl.Compiler.Passes;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Pipeline;

/// <summary>Runs passes one after another, the verifier after each, and tells an observer what each did and took.</summary>
public sealed class PassManager(IReadOnlyList<Pass> passes, Action<PassReport>? observe = null)
{
    public Graph Run(Graph graph)
    {
        foreach (var pass in passes)
        {
            var clock = Stopwatch.StartNew();
            var after = pass.Run(graph);
            var time = clock.Elapsed;
            try
            {
                Verifier.Verify(after);
            }
            catch (InvalidOperationException e)
            {
                throw new InvalidOperationException($"after pass '{pass.Name}': {e.Message}", e);
            }
            observe?.Invoke(new PassReport(pass.Name, graph, after, time));
            graph = after;
        }
        return graph;
    }

    /// <summary>From a model's forward graph to the one that is lowered where no gradient is wanted.</summary>
    public static IReadOnlyList<Pass> Forward(CallRules rules) =>
    [
        new("decompose", Decompose.Run),
        new("simplify", graph => Simplify.Run(graph, differentiated: true)),
        new("expand meanings", graph => ExpandMeanings.Run(graph, rules.Supports)),
        new("split reductions", SplitReductions.Run),
    ];

    /// <summary>From a model's forward graph to its training graph.</summary>
    public static IReadOnlyList<Pass> Training(CallRules rules, DifferentiateOptions? options = null) =>
    [
        new("decompose", Decompose.Run),
        new("simplify", graph => Simplify.Run(graph)),
        new("differentiate", graph => Differentiate.Run(graph, options)),
        new("simplify gradients", graph => Simplify.Run(graph, differentiated: true)),
        new("fuse losses", FuseLosses.Run),
        new("expand meanings", graph => ExpandMeanings.Run(graph, rules.Supports)),
        new("split reductions", SplitReductions.Run),
    ];
}

/// <summary>A function from graph to graph, with the name that dumps call it by.</summary>
public sealed record Pass(string Name, Func<Graph, Graph> Run);

/// <summary>One pass that ran.</summary>
public sealed record PassReport(string Name, Graph Before, Graph After, TimeSpan Time);
