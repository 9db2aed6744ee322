using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Program;

/// <summary>
/// The memory of an entry that is interpreted, an array for each buffer that owns its memory. What nothing has written yet, or what may belong to another
/// buffer by now, is poisoned: reading it is an error, and so is any access outside a buffer.
/// </summary>
internal sealed class ProgramMemory
{
    private static readonly double Poison = BitConverter.Int64BitsToDouble(0x7FF8_0000_DEAD_0000);
    private static readonly long PoisonBits = BitConverter.DoubleToInt64Bits(Poison);

    private readonly Dictionary<TensorBuffer, double[]> _arrays = [];

    /// <param name="buffer">One that owns its memory.</param>
    public void Add(TensorBuffer buffer, double[] values) => _arrays.Add(buffer, values);

    public double[] Array(TensorBuffer buffer) => _arrays[buffer.Memory];

    public void Clear(TensorBuffer buffer) => Fill(Array(buffer));

    public static double[] Poisoned(long count)
    {
        var values = new double[count];
        Fill(values);
        return values;
    }

    public double Read(TensorBuffer buffer, long place)
    {
        double value = Array(buffer)[Checked(buffer, place)];
        return double.IsNaN(value) && BitConverter.DoubleToInt64Bits(value) == PoisonBits
            ? throw new InvalidOperationException($"{buffer} {buffer.Shape} is read at {place}, where nothing has been written") : value;
    }

    public void Write(TensorBuffer buffer, long place, double value) => Array(buffer)[Checked(buffer, place)] = value;

    private int Checked(TensorBuffer buffer, long place) => place >= 0 && place < Array(buffer).Length ? (int)place
        : throw new InvalidOperationException($"{buffer} {buffer.Shape} of {Array(buffer).Length} elements is accessed at {place}");

    private static void Fill(double[] values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = Poison;
    }
}

/// <summary>A view at concrete sizes.</summary>
/// <param name="Places">Where each of its elements is, row-major.</param>
internal sealed record ConcreteView(TensorBuffer Buffer, int[] Places)
{
    public static ConcreteView Of(View view, IReadOnlyDictionary<string, long> symbols) => new(view.Buffer, RowMajor.Places(
        view.Shape.Sizes.Select(s => s.Evaluate(symbols)).ToArray(), view.Strides.Select(s => s.Evaluate(symbols)).ToArray(), view.Offset.Evaluate(symbols)));
}
