using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Support;

/// <summary>
/// Random graphs of smooth operations on weights, with the shapes, constants and repetitions that rewrite rules look for.
/// The same seed gives the same graph.
/// </summary>
public sealed class RandomGraphs
{
    private static readonly Polynomial[] Sizes = [Polynomial.Symbol("B"), Polynomial.Symbol("T"), Polynomial.Symbol("C"), 1, 2];
    private readonly System.Random _random;
    private readonly List<Value> _values = [];

    private RandomGraphs(int seed) => _random = new System.Random(seed);

    public static Graph Make(int seed, int nodes = 25) => new RandomGraphs(seed).Make(nodes);

    private Graph Make(int nodes)
    {
        var graph = new Graph();
        for (int i = 0; i < 3; i++)
            _values.Add(graph.Parameter($"w{i}", ParameterKind.Weight, new TensorType(DType.F32, new Shape(Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Pick(Sizes))))));
        for (int i = 0; i < nodes; i++) _values.Add(Next(Pick(_values), graph));
        var loss = _values.Skip(_values.Count - 4).Select(v => v.Tanh().SumAll()).Aggregate((a, b) => a + b);
        graph.AddResult("loss", loss);
        return graph;
    }

    private Value Next(Value x, Graph graph) => _random.Next(16) switch
    {
        0 => -x,
        1 => x * Pick<double>([0, 1, -1, 2, 0.5]),
        2 => x + Pick<double>([0, 1, -0.5]),
        3 => Pick<double>([0, 1]) - x,
        4 => x.Tanh(),
        5 => x.Sigmoid() / Pick<double>([1, 2]),
        6 => Mixed(x, (a, b) => a + b),
        7 => Mixed(x, (a, b) => a * b),
        8 => Mixed(x, (a, b) => a - b),
        9 => x.Transpose(Enumerable.Range(0, x.Rank).OrderBy(_ => _random.Next()).ToArray()),
        10 => x.Reshape(new Shape(x.Shape.Count)),
        11 => x.Broadcast(new Shape([2, .. x.Shape.Sizes])).Sum(_random.Next(x.Rank + 1), _random.Next(2) == 0).Tanh(),
        12 when x.Rank > 0 => x.Sum(_random.Next(x.Rank), _random.Next(2) == 0).Tanh(),
        13 when x.Rank > 0 => Pieces(x, _random.Next(x.Rank), graph),
        14 when x.Rank == 2 => x.MatMul(x.Transpose(1, 0), false, false).Tanh(),
        15 => x.Less(x.Number(_random.NextDouble())).Not().Where(x, x.Number(0.25)),
        _ => (x * x).Pow(x.Number(1)).Tanh(),
    };

    /// <summary>With another value that broadcasts against it, or with itself.</summary>
    private Value Mixed(Value x, Func<Value, Value, Value> apply)
    {
        var fitting = _values.Where(v => Enumerable.Range(1, Math.Min(v.Rank, x.Rank)).All(i => v.Shape[-i].Equals(x.Shape[-i]) || v.Shape[-i].IsOne || x.Shape[-i].IsOne)
            && Math.Max(v.Rank, x.Rank) < 5).ToArray();
        return apply(x, fitting.Length == 0 ? x : Pick(fitting)).Tanh();
    }

    private static Value Pieces(Value x, int axis, Graph graph)
    {
        var doubled = graph.Concat(axis, x, x.Tanh());
        Value first = doubled.Slice(axis, 0, x.Shape[axis]), second = doubled.Slice(axis, x.Shape[axis], x.Shape[axis]);
        return first.Pad(axis, 0, x.Shape[axis]) + second.Sin().Pad(axis, x.Shape[axis], 0);
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
