using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>
/// Loads of all 65,536 bf16 and fp16 values, and stores of floats at, just below and just above every value and every
/// tie between two: exact, and rounded to nearest even; one at a time and by fours.
/// </summary>
public sealed class HalfConversionCheck : Check<TensorType>
{
    private const string Source = """
        KERNEL(load)(GLOBAL const real* x, GLOBAL float* ones, GLOBAL float* fours)
        {
            int i = (int)ELEMENT;
            ones[i] = LOAD_REAL(x, i);
            if (i % 4 == 0)
                STORE4(fours + i, LOAD4_REAL(x, i));
        }
        KERNEL(store)(GLOBAL const float* x, GLOBAL real* ones, GLOBAL real* fours)
        {
            int i = (int)ELEMENT;
            STORE_REAL(ones, i, x[i]);
            if (i % 4 == 0)
                STORE4_REAL(fours, i, LOAD4(x + i));
        }
        """;

    public override string Name => "dialect 16-bit floats";

    protected override IReadOnlyList<TensorType> Quick => [TensorType.BF16, TensorType.F16];

    protected override void Run(CheckRun run, TensorType type)
    {
        const int Codes = 65_536;
        var module = run.Device.Compile(new KernelSource("halves.c", Source, (type == TensorType.BF16 ? "REAL_BF16" : "REAL_FP16", "1")));

        double[] all = [.. Enumerable.Range(0, Codes).Select(code => Value((ushort)code, type))];
        var x = run.Input("x", all, type);
        CheckBuffer ones = run.Output("loaded", Codes), fours = run.Output("loaded by fours", Codes);
        module["load"].Launch(run.Stream, KernelGrid.Elements(Codes), x, ones, fours);
        run.Expect(ones, all, 0);
        run.Expect(fours, all, 0);

        double[] floats = [.. Enumerable.Range(0, Codes).SelectMany(code => Around(code, type)).Select(value => (double)value)];
        double[] rounded = [.. floats.Select(value => Elements.Round(value, type))];
        var y = run.Input("y", floats);
        CheckBuffer stored = run.Output("stored", floats.Length, type), storedFours = run.Output("stored by fours", floats.Length, type);
        module["store"].Launch(run.Stream, KernelGrid.Elements(floats.Length), y, stored, storedFours);
        run.Expect(stored, rounded, 0);
        run.Expect(storedFours, rounded, 0);
    }

    private static double Value(ushort code, TensorType type) => Elements.Decode(BitConverter.GetBytes(code), type)[0];

    // A value and the middle between it and the next, each with its float neighbours. Beyond the largest the next is the
    // next power of two, so that the tie with infinity is covered too.
    private static IEnumerable<float> Around(int code, TensorType type)
    {
        float value = (float)Value((ushort)code, type), next = (float)Value((ushort)(code + 1), type);
        if (!float.IsFinite(value))
            return [value, value, value, value, value, value, value, value];
        float middle = float.IsFinite(next) ? (float)((value + (double)next) / 2) // exact: one bit more
            : type == TensorType.F16 ? MathF.CopySign(65_520, value) : MathF.CopySign(BitConverter.UInt32BitsToSingle(0x7f7f_8000), value);
        return
        [
            value, MathF.BitIncrement(value), MathF.BitDecrement(value),
            middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle), -middle, MathF.CopySign(value, -middle),
        ];
    }
}
