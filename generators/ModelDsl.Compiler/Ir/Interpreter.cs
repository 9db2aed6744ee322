
namespace ModelDsl.Compiler.Ir;

/// <summary>
/// Evaluates a graph in float64 at concrete sizes: the oracle that every backend is tested against. Integers and bools are
/// kept as doubles. Fast operations are evaluated through what they mean.
/// </summary>
/// <param name="symbols">The value of each symbol.</param>
/// <param name="inputs">Parameters and hyperparameters by name, row-major.</param>
/// <param name="memory">What cached operations keep between evaluations.</param>
/// <param name="seed">With <paramref name="step"/>: the key of random numbers.</param>
public sealed class Interpreter(
    IReadOnlyDictionary<string, long> symbols, IReadOnlyDictionary<string, double[]> inputs, ulong seed = 0, long step = 0,
    IDictionary<string, double[]>? memory = null)
{
    private readonly Dictionary<Node, Graph> _meanings = [];
    private readonly IDictionary<string, double[]> _memory = memory ?? new Dictionary<string, double[]>();

    /// <summary>The results by name; several of one name are added up.</summary>
    public Dictionary<string, double[]> Evaluate(Graph graph)
    {
        var results = new Dictionary<string, double[]>();
        double[][] values = Evaluate(graph, Bind, index: 0);
        for (int i = 0; i < values.Length; i++)
        {
            string name = graph.Results[i].Name;
            results[name] = results.TryGetValue(name, out var before) ? before.Zip(values[i], (a, b) => a + b).ToArray() : values[i];
        }
        return results;
    }

    public long[] Sizes(Shape shape) => shape.Sizes.Select(s => s.Evaluate(symbols)).ToArray();

    private double[] Bind(Node leaf)
    {
        string name = leaf.ParameterName();
        if (!inputs.TryGetValue(name, out var value)) throw new KeyNotFoundException($"no value for \"{name}\" {leaf.Type}");
        int count = RowMajor.Count(Sizes(leaf.Shape));
        return value.Length == count ? value : throw new ArgumentException($"\"{name}\" {leaf.Type} has {count} elements, but {value.Length} are given");
    }

    private double[][] Evaluate(Graph graph, Func<Node, double[]> bind, long index)
    {
        var values = new Dictionary<Node, double[][]>();
        foreach (var node in graph.Live())
            values[node] = node.Operation switch
            {
                Parameter or Hyper => [bind(node)],
                LayerIndex => [[index]],
                Output => [values[node.Inputs[0]][node.Attributes.Int("index")]],
                Scan => Loop(node, node.Inputs.Select(i => values[i][0]).ToArray(), bind),
                _ => Apply(node, node.Inputs.Select(i => values[i][0]).ToArray(), index),
            };
        return graph.Results.Select(r => values[r.Node][0]).ToArray();
    }

    private double[][] Apply(Node node, double[][] arguments, long index)
    {
        if (!_meanings.TryGetValue(node, out var meaning))
            _meanings[node] = meaning = Meaning.Of(node);
        if (meaning.Results.Count > 0) return Evaluate(meaning, p => arguments[Meaning.Position(p)], index);
        return node.Operation.Interpret(new InterpretCall(
            node, arguments, node.Inputs.Select(i => Sizes(i.Shape)).ToArray(), node.Types.Select(t => Sizes(t.Shape)).ToArray(), symbols, seed, step)
        { Memory = _memory });
    }

    private double[][] Loop(Node scan, double[][] arguments, Func<Node, double[]> bind)
    {
        var body = scan.Regions[0];
        var parameters = Scan.Parameters(body).Select((p, i) => (p, i)).ToDictionary(e => e.p, e => e.i);
        int count = (int)scan.Attributes.SizeOf("count").Evaluate(symbols), carries = scan.Attributes.Int("carries"), slices = scan.Attributes.Int("slices");
        var carried = arguments.Take(carries).ToArray();
        var stacks = scan.Types.Skip(carries).Select(t => new double[RowMajor.Count(Sizes(t.Shape))]).ToArray();
        for (int i = 0; i < count; i++)
        {
            int layer = scan.Attributes.Get<bool>("reverse") ? count - 1 - i : i;
            double[] Parameter(Node leaf)
            {
                if (!parameters.TryGetValue(leaf, out int p)) return bind(leaf);
                if (p < carries) return carried[p];
                return p < carries + slices ? Layer(arguments[p], layer, count) : arguments[p];
            }
            double[][] results = Evaluate(body, Parameter, layer);
            carried = results.Take(carries).ToArray();
            for (int s = 0; s < stacks.Length; s++) results[carries + s].CopyTo(stacks[s], layer * (stacks[s].Length / count));
        }
        return [.. carried, .. stacks];
    }

    private static double[] Layer(double[] stack, int layer, int count)
    {
        var slice = new double[stack.Length / count];
        Array.Copy(stack, layer * slice.Length, slice, 0, slice.Length);
        return slice;
    }
}
