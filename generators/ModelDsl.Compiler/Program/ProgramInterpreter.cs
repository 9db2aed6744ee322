using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// Runs an entry in float64, step by step as a device would: the oracle of what lowering, placement and memory planning did.
/// Calls mean what their operations mean. A read of memory that nothing has written, or that by its lifetime may have been
/// given to another buffer, and an access outside a buffer are errors.
/// </summary>
/// <param name="sizes">The value of each size symbol, and of each int that the caller passes.</param>
/// <param name="scalars">Float hyperparameters and the entry's float scalars, by name.</param>
/// <param name="values">Weights and inputs by name, row-major.</param>
/// <param name="seed">With <paramref name="step"/>: the key of random numbers.</param>
public sealed class ProgramInterpreter(
    IReadOnlyDictionary<string, long> sizes, IReadOnlyDictionary<string, double> scalars, IReadOnlyDictionary<string, double[]> values,
    ulong seed = 0, long step = 0)
{
    private readonly Dictionary<Node, Graph> _meanings = [];
    private Dictionary<string, long> _symbols = [];
    private ProgramMemory _memory = new();
    private bool _firstMicroStep;

    /// <summary>Gradients by the weight's name, kept from run to run.</summary>
    public Dictionary<string, double[]> Gradients { get; init; } = [];

    /// <summary>States by name, kept from run to run.</summary>
    public Dictionary<string, double[]> States { get; init; } = [];

    /// <summary>The results by name.</summary>
    /// <param name="firstMicroStep">Whether gradients begin anew rather than being added to.</param>
    /// <exception cref="InvalidOperationException">A step reads what is not written, or outside a buffer; the message names both.</exception>
    public Dictionary<string, double[]> Run(Entry entry, bool firstMicroStep = true)
    {
        (_symbols, _memory, _firstMicroStep) = (sizes.ToDictionary(s => s.Key, s => s.Value), new ProgramMemory(), firstMicroStep);
        var steps = TimedStep.Number(entry.Steps);
        foreach (var buffer in entry.Buffers().Select(b => b.Memory).Distinct()) _memory.Add(buffer, Begin(buffer));
        foreach (var loop in entry.Steps.All().OfType<LoopStep>()) SetEnds(loop);
        Run(steps, entry.Scratch.Where(l => !steps.Any(s => s.Holds(l))).ToArray(), entry.Scratch);
        return entry.Results.ToDictionary(r => r.Name, r => Read(r.View));
    }

    private double[] Begin(TensorBuffer buffer)
    {
        long count = buffer.Count.Evaluate(_symbols);
        switch (buffer.Space)
        {
            case Space.Scratch: return ProgramMemory.Poisoned(count);
            case Space.Gradient: return Kept(Gradients);
            case Space.State: return Kept(States);
            default:
                if (!values.TryGetValue(buffer.Source, out var value)) throw new KeyNotFoundException($"no value for \"{buffer.Source}\" {buffer.Shape}");
                return value.Length == count ? value.ToArray()
                    : throw new ArgumentException($"\"{buffer.Source}\" {buffer.Shape} has {count} elements, but {value.Length} are given");
        }

        double[] Kept(Dictionary<string, double[]> kept)
        {
            if (!kept.TryGetValue(buffer.Source, out var before)) kept[buffer.Source] = before = ProgramMemory.Poisoned(count);
            return before.Length == count ? before
                : throw new ArgumentException($"\"{buffer.Source}\" {buffer.Shape} has {count} elements, but {before.Length} were kept");
        }
    }

    /// <param name="here">The lifetimes of what has memory of its own in each run of these steps.</param>
    private void Run(IReadOnlyList<TimedStep> steps, IReadOnlyList<Lifetime> here, IReadOnlyList<Lifetime> all)
    {
        foreach (var timed in steps)
        {
            foreach (var life in here)
                if (life.First >= timed.First && life.First <= timed.Last) _memory.Clear(life.Buffer);
            try
            {
                if (timed.Step is LoopStep loop) RunLoop(loop, timed, all);
                else Run(timed.Step);
            }
            catch (InvalidOperationException e) when (!e.Message.StartsWith("step "))
            {
                throw new InvalidOperationException($"step {timed.Last}: {e.Message}", e);
            }
            foreach (var life in here)
                if (life.Last >= timed.First && life.Last <= timed.Last && timed != steps[steps.Count - 1]) _memory.Clear(life.Buffer);
        }
    }

    private void RunLoop(LoopStep loop, TimedStep timed, IReadOnlyList<Lifetime> all)
    {
        var inside = all.Where(l => timed.Holds(l)).ToArray();
        var here = inside.Where(l => !timed.Body.Any(s => s.Holds(l))).ToArray();
        long count = loop.Count.Evaluate(_symbols);
        for (long i = 0; i < count; i++)
        {
            long layer = loop.Reverse ? count - 1 - i : i;
            _symbols[loop.Index] = layer;
            _symbols[LoopStep.Here(loop.Index)] = Slot(loop, loop.Reverse ? layer + 1 : layer);
            _symbols[LoopStep.Next(loop.Index)] = Slot(loop, loop.Reverse ? layer : layer + 1);
            Run(timed.Body, here, inside);
            foreach (var life in here) _memory.Clear(life.Buffer);
        }
    }

    private void SetEnds(LoopStep loop)
    {
        long count = loop.Count.Evaluate(_symbols);
        _symbols[LoopStep.First(loop.Index)] = Slot(loop, loop.Reverse ? count : 0);
        _symbols[LoopStep.Last(loop.Index)] = Slot(loop, loop.Reverse ? 0 : count);
    }

    private static long Slot(LoopStep loop, long place) => loop.KeepsCarries ? place : place & 1;

    private void Run(Step step)
    {
        switch (step)
        {
            case LaunchStep launch:
                var run = Bind(launch.Kernel);
                long grid = launch.Grid.Evaluate(_symbols);
                if (launch.Kernel.Kernel.Chunked)
                    for (long chunk = 0; chunk < grid; chunk++) run.RunChunk(chunk, grid);
                else run.Run(0, grid, 0, run.Columns);
                break;
            case MatMulStep product: Multiply(product); break;
            case CallStep call: Call(call); break;
            default: throw new InvalidOperationException(step.ToString());
        }
    }

    private KernelRun Bind(KernelCall call) => new(call, _memory, _symbols, Evaluate, Adds(call.Accumulation));

    private bool Adds(Accumulation accumulation) => accumulation == Accumulation.Always || accumulation == Accumulation.FromSecondMicroStep && !_firstMicroStep;

    /// <summary>A product with an epilogue comes in four pieces, each followed by its part of the epilogue.</summary>
    private void Multiply(MatMulStep product)
    {
        long m = product.M.Evaluate(_symbols), n = product.N.Evaluate(_symbols), batches = product.Batch.Evaluate(_symbols);
        var epilogue = product.Epilogue is null ? null : Bind(product.Epilogue);
        long[] rows = epilogue is null ? [0, m] : [0, m / 2, m], columns = epilogue is null ? [0, n] : [0, n / 2, n];
        for (long batch = 0; batch < batches; batch++)
            for (int r = 1; r < rows.Length; r++)
                for (int c = 1; c < columns.Length; c++)
                {
                    Multiply(product, batch, rows[r - 1], rows[r], columns[c - 1], columns[c]);
                    epilogue?.Run(rows[r - 1], rows[r], columns[c - 1], columns[c]);
                }
    }

    private void Multiply(MatMulStep product, long batch, long firstRow, long endRow, long firstColumn, long endColumn)
    {
        long k = product.K.Evaluate(_symbols);
        var (a, b, c) = (Places(product.A, batch), Places(product.B, batch), Places(product.C, batch));
        bool adds = Adds(product.Accumulation);
        for (long i = firstRow; i < endRow; i++)
            for (long j = firstColumn; j < endColumn; j++)
            {
                double sum = 0;
                for (long p = 0; p < k; p++) sum += _memory.Read(product.A.View.Buffer, a(i, p)) * _memory.Read(product.B.View.Buffer, b(p, j));
                if (adds) sum += _memory.Read(product.C.View.Buffer, c(i, j));
                _memory.Write(product.C.View.Buffer, c(i, j), sum);
            }
    }

    private Func<long, long, long> Places(MatrixOperand matrix, long batch)
    {
        long start = matrix.View.Offset.Evaluate(_symbols) + batch * matrix.BatchStride.Evaluate(_symbols), stride = matrix.Stride.Evaluate(_symbols);
        return matrix.Transposed ? (row, column) => start + column * stride + row : (row, column) => start + row * stride + column;
    }

    private void Call(CallStep call)
    {
        var node = call.Node;
        double[][] inputs = call.Inputs.Select((input, i) => Read(input, node.Inputs[i])).ToArray();
        var states = new Dictionary<string, double[]>();
        string[] names = node.Operation.States(node)
            .Select(s => InterpretCall.StateName($"{node.Attributes.Get<string>("state")}.{s.Role}", (long)inputs[inputs.Length - 1][0])).ToArray();
        for (int i = 0; i < names.Length; i++) states[names[i]] = ReadState(call.State[i]);
        double[][] results = Interpret(node, inputs, states);
        for (int i = 0; i < results.Length; i++) Write(call.Results[i], results[i], adds: i == 0 && Adds(call.Accumulation));
        for (int i = 0; i < names.Length; i++) WriteState(call.State[i], states[names[i]]);
    }

    private double[][] Interpret(Node node, double[][] inputs, Dictionary<string, double[]> states)
    {
        if (!_meanings.TryGetValue(node, out var meaning)) _meanings[node] = meaning = Meaning.Of(node);
        if (meaning.Results.Count > 0)
        {
            var results = new Interpreter(_symbols, inputs.Select((value, i) => (value, i)).ToDictionary(p => $"{p.i}", p => p.value), seed, step, states).Evaluate(meaning);
            return meaning.Results.Select(r => results[r.Name]).ToArray();
        }
        return node.Operation.Interpret(new InterpretCall(
            node, inputs, node.Inputs.Select(i => Sizes(i.Shape)).ToArray(), node.Types.Select(t => Sizes(t.Shape)).ToArray(), _symbols, seed, step)
        { Memory = states });
    }

    private double[] Read(CallInput input, Node node)
    {
        switch (input)
        {
            case ViewInput view: return Read(view.View);
            case HostInput host: return [Evaluate(host.Value)];
            case RangeInput range:
                double start = Evaluate(range.Start);
                long[] shape = Sizes(node.Shape);
                return Enumerable.Range(0, RowMajor.Count(shape)).Select(e => start + e % shape[shape.Length - 1]).ToArray();
            default: throw new InvalidOperationException(input.ToString());
        }
    }

    private double[] Read(View view)
    {
        var concrete = ConcreteView.Of(view, _symbols);
        return concrete.Places.Select(p => _memory.Read(view.Buffer, p)).ToArray();
    }

    /// <summary>What a state holds, unwritten positions included.</summary>
    private double[] ReadState(View view)
    {
        double[] buffer = _memory.Array(view.Buffer);
        return ConcreteView.Of(view, _symbols).Places.Select(p => buffer[p]).ToArray();
    }

    /// <summary>A state per position, [B, Room, ...], is given as many positions as it has by now.</summary>
    private void WriteState(View view, double[] state)
    {
        int[] places = ConcreteView.Of(view, _symbols).Places;
        if (state.Length == places.Length)
        {
            for (int e = 0; e < places.Length; e++) _memory.Write(view.Buffer, places[e], state[e]);
            return;
        }
        int batch = (int)Sizes(view.Shape)[0], room = places.Length / batch, held = state.Length / batch;
        for (int b = 0; b < batch; b++)
            for (int e = 0; e < held; e++) _memory.Write(view.Buffer, places[b * room + e], state[b * held + e]);
    }

    private void Write(View view, double[] result, bool adds)
    {
        int[] places = ConcreteView.Of(view, _symbols).Places;
        for (int e = 0; e < places.Length; e++)
            _memory.Write(view.Buffer, places[e], adds ? _memory.Read(view.Buffer, places[e]) + result[e] : result[e]);
    }

    private long[] Sizes(Shape shape) => shape.Sizes.Select(s => s.Evaluate(_symbols)).ToArray();

    private double Evaluate(HostExpression expression) => expression switch
    {
        HostConstant constant => constant.Value,
        HostSymbol { Type: DType.I32 } symbol => _symbols.TryGetValue(symbol.Name, out long value) ? value : throw new KeyNotFoundException($"no value for {symbol.Name}"),
        HostSymbol symbol => scalars.TryGetValue(symbol.Name, out double value) ? value : throw new KeyNotFoundException($"no value for {symbol.Name}"),
        HostSize size => size.Value.Evaluate(_symbols),
        HostApply apply => apply.Operation.Evaluate(apply.Arguments.Select(Evaluate).ToArray(), apply.Arguments[0].Type, apply.Type),
        _ => throw new InvalidOperationException(expression.ToString()),
    };
}
