using System.Runtime.InteropServices;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Runtime;

namespace ModelDsl.Compiler.Tests.Emitted;

/// <summary>Runs a compiled graph on values by name, in memory that is full of NaN, and reads its results and gradients.</summary>
internal static unsafe class EmittedRun
{
    public static Dictionary<string, double[]> Evaluate(
        EmittedGraph emitted, Graph graph, IReadOnlyDictionary<string, long> symbols, IReadOnlyDictionary<string, double[]> values, Device device, ulong seed = 0)
    {
        var offsets = GraphCompiler.Offsets(graph, symbols);
        var weights = offsets.ToDictionary(o => o.Key, o => values[o.Key]);
        long weightCount = weights.Sum(w => w.Value.LongLength);
        using var memory = new Blocks();
        float* weight = memory.Floats(weightCount), gradient = memory.Floats(weightCount), scratch = memory.Floats(emitted.Prepare() / sizeof(float));
        foreach (var (name, value) in weights)
            for (int i = 0; i < value.Length; i++) weight[offsets[name] + i] = (float)value[i];
        var inputs = GraphCompiler.Inputs(graph);
        void** table = stackalloc void*[inputs.Count];
        for (int i = 0; i < inputs.Count; i++)
        {
            double[] value = values[inputs[i].Attributes.Get<string>("name")];
            float* block = memory.Floats(value.Length);
            for (int e = 0; e < value.Length; e++)
                if (inputs[i].DType == DType.I32) ((int*)block)[e] = (int)value[e];
                else block[e] = (float)value[e];
            table[i] = block;
        }
        float** outputs = stackalloc float*[graph.Results.Count];
        emitted.Run(device, weight, gradient, (byte*)scratch, table, seed, outputs);
        var results = new Dictionary<string, double[]>();
        foreach (var result in graph.Results)
        {
            int count = RowMajor.Count(result.Node.Shape.Sizes.Select(s => s.Evaluate(symbols)).ToArray());
            string gradientOf = result.Name.StartsWith("gradient:") ? result.Name["gradient:".Length..] : "";
            float* from = gradientOf.Length > 0 ? gradient + offsets[gradientOf] : outputs[emitted.Place(result.Name)];
            results[result.Name] = Enumerable.Range(0, count).Select(e => result.Node.DType == DType.I32 ? ((int*)from)[e] : (double)from[e]).ToArray();
        }
        return results;
    }

    private sealed class Blocks : IDisposable
    {
        private readonly List<nint> _all = [];

        public float* Floats(long count)
        {
            var block = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, count * sizeof(float)), 64);
            _all.Add((nint)block);
            for (long i = 0; i < count; i++) block[i] = float.NaN;
            return block;
        }

        public void Dispose()
        {
            foreach (nint block in _all) NativeMemory.AlignedFree((void*)block);
        }
    }
}
