using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelDsl.Bench.Measuring;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Functions;

/// <summary>`math`: elements a second of the vector functions on one thread, in the first-level cache.</summary>
internal static unsafe class MathCommand
{
    private const int Count = 4096;

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds of the median.", DefaultValueFactory = _ => 7 };
        var command = new Command("math", "The vector functions of emitted kernels.") { rounds };
        command.SetAction(parsed => Run(parsed.GetValue(rounds)));
        return command;
    }

    private static void Run(int rounds)
    {
        using var device = new CpuDevice(1);
        using var memory = device.Allocate(2 * Count * sizeof(float));
        float* x = (float*)memory.Pointer, y = x + Count;
        var random = new Random(1);
        for (int i = 0; i < Count; i++) x[i] = random.NextSingle() * 8 + 0.01f;
        Console.WriteLine(device.Name);
        Console.WriteLine();
        Console.WriteLine("| function | G/s | Vector512 | MathF |");
        Console.WriteLine("| --- | --- | --- | --- |");
        Row<ExpFunction>(x, y, rounds);
        Row<LogFunction>(x, y, rounds);
        Row<TanhFunction>(x, y, rounds);
        Row<ErfFunction>(x, y, rounds);
        Row<SigmoidFunction>(x, y, rounds);
        Row<SiluFunction>(x, y, rounds);
        Row<GeluFunction>(x, y, rounds);
        Row<GeluSlopeFunction>(x, y, rounds);
        Row<GeluTanhFunction>(x, y, rounds);
        Row<SinFunction>(x, y, rounds);
        Row<RsqrtFunction>(x, y, rounds);
    }

    private static void Row<T>(float* x, float* y, int rounds) where T : IMathFunction
    {
        double[] seconds = Rounds.Measure(rounds, 0.02, () => Ours<T>(x, y), () => Vector<T>(x, y), () => Scalar<T>(x, y));
        string Rate(double time, bool exists) => exists ? $"{Count / time / 1e9:F2}" : "";
        Console.WriteLine($"| {T.Name} | {Rate(seconds[0], true)} | {Rate(seconds[1], T.HasVector)} | {Rate(seconds[2], !float.IsNaN(T.Scalar(1)))} |");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Ours<T>(float* x, float* y) where T : IMathFunction
    {
        for (int i = 0; i < Count; i += Simd.Width) Simd.Store(y + i, T.Ours(Simd.Load(x + i)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector<T>(float* x, float* y) where T : IMathFunction
    {
        for (int i = 0; i < Count; i += Simd.Width) Simd.Store(y + i, T.Vector(Simd.Load(x + i)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scalar<T>(float* x, float* y) where T : IMathFunction
    {
        for (int i = 0; i < Count; i++) y[i] = T.Scalar(x[i]);
    }
}
