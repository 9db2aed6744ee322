using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Support;

/// <summary>Random layers from [T, W] to [T, W]: residuals, products, norms, gates, splits, with matrices and a row of weights.</summary>
public static class RandomLayers
{
    /// <summary>The same seed makes the same layer of any input.</summary>
    public static Value Layer(int seed, Value x, Value matrix, Value row, Value shared, Value index)
    {
        var random = new System.Random(seed);
        var values = new List<Value> { x };
        for (int i = 0; i < 8; i++)
        {
            var y = values[random.Next(values.Count)];
            values.Add(random.Next(10) switch
            {
                0 => y.MatMul(matrix, false, random.Next(2) == 0),
                1 => y * ((y * y).Mean(-1) + 0.1).Rsqrt() * row,
                2 => y - y.Mean(-1),
                3 => y.Sigmoid() * values[random.Next(values.Count)],
                4 => (y + row).Tanh(),
                5 => y + values[random.Next(values.Count)],
                6 => Swapped(y).Sin(),
                7 => y * shared,
                8 => (y - y.ReduceMax(-1).StopGradient()).Exp(),
                _ => y * 0.5 + index.Cast(DType.F32),
            });
        }
        return (x + values[^1] + values[^2]).Tanh();
    }

    /// <summary>Three such layers in a loop, on a weight [T, W], with the sum of the squares as "loss".</summary>
    public static Graph Model(int seed)
    {
        var graph = new Graph();
        Polynomial t = Polynomial.Symbol("T"), w = Polynomial.Symbol("W"), l = Polynomial.Symbol("L");
        Value Weight(string name, params Polynomial[] shape) => graph.Parameter(name, ParameterKind.Weight, new TensorType(DType.F32, new Shape(shape)));
        Value x = Weight("x", t, w), matrices = Weight("matrices", l, w, w), rows = Weight("rows", l, w), shared = Weight("shared", w);
        x = Layers.Scan(x, l, [matrices, rows], [shared], (y, slices, known) => Layer(seed, y, slices[0], slices[1], known[0], y.Graph.Index()));
        graph.AddResult("loss", (x * x).SumAll());
        return graph;
    }

    private static Value Swapped(Value x)
    {
        var half = x.Shape[-1] / 2;
        return x.Graph.Concat(-1, x.Slice(-1, half, half), x.Slice(-1, 0, half));
    }
}
