using System.CommandLine;
using System.Runtime.CompilerServices;
using ModelDsl.Bench.Measuring;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Bench.Rows;

/// <summary>`rows`: the library's row kernels, as a share of the bandwidth of a plain read beside them.</summary>
internal static unsafe class RowsCommand
{
    private const int Parameters = 32 << 20, Tokens = 256, Vocabulary = 50257, Width = 768;

    public static Command Create()
    {
        var threads = new Option<int>("--threads") { Description = "0 is one for each processor." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of the median.", DefaultValueFactory = _ => 7 };
        var command = new Command("rows", "Optimizer, cross-entropy and embedding.") { threads, rounds };
        command.SetAction(parsed => Run(parsed.GetValue(threads), parsed.GetValue(rounds)));
        return command;
    }

    private static void Run(int threads, int rounds)
    {
        using var device = new CpuDevice(threads);
        using var memory = device.Allocate(4L * Parameters * sizeof(float));
        using var small = device.Allocate(1 << 20);
        float* w = (float*)memory.Pointer, g = w + Parameters, m = g + Parameters, v = m + Parameters;
        var random = new Random(1);
        for (int i = 0; i < Parameters; i++) w[i] = g[i] = random.NextSingle() - 0.5f;
        int* ids = (int*)small.Pointer;
        for (int i = 0; i < 4 * Tokens; i++) ids[i] = random.Next(Vocabulary / 2);
        float* scale = (float*)(ids + 4 * Tokens), losses = scale + 16;
        *scale = 0.1f;

        var read = new ReadRows { Source = w, Count = 4L * Parameters, Sums = losses };
        var adam = new AdamW
        {
            Weights = w, Gradients = g, FirstMoment = m, SecondMoment = v, Count = Parameters, LearningRate = 1e-4f, Beta1 = 0.9f,
            Beta2 = 0.95f, Epsilon = 1e-8f, WeightDecay = 0.1f, GradientScale = 1, BiasCorrection1 = 0.1f, BiasCorrection2 = 0.05f,
        };
        var norm = new SquaredNorm { Values = g, Count = Parameters, Partial = (double*)losses };
        var entropy = new CrossEntropyRows { Logits = g, Targets = ids, Losses = losses, Vocabulary = Vocabulary, Stride = Vocabulary, Scale = scale };
        var scatter = new EmbeddingScatterAdd { TableGradient = m, Gradient = g, Ids = ids, Tokens = 4 * Tokens, Width = Width };

        double[] seconds = Rounds.Measure(rounds, 0.1,
            () => device.Launch(read, ReadRows.Rows), () => device.Launch(adam, adam.Rows), () => device.Launch(norm, norm.Rows),
            () => device.Launch(entropy, Tokens), () => device.Launch(scatter, scatter.Rows));
        Console.WriteLine(device.Name);
        Console.WriteLine();
        Console.WriteLine("| kernel | ms | GB/s |");
        Console.WriteLine("| --- | --- | --- |");
        void Row(string name, int i, double bytes) => Console.WriteLine($"| {name} | {seconds[i] * 1e3:F3} | {bytes / seconds[i] / 1e9:F1} |");
        Row("plain read, 512 MB", 0, 16.0 * Parameters);
        Row("AdamW, 32 M weights", 1, 28.0 * Parameters);
        Row("squared norm, 32 M", 2, 4.0 * Parameters);
        Row("cross-entropy with gradient, 256 x 50,257", 3, 8.0 * Tokens * Vocabulary);
        Row("embedding scatter-add, 1,024 x 768", 4, 12.0 * 4 * Tokens * Width);
    }

    /// <summary>Adds up a range, which is as fast as memory can be read.</summary>
    private struct ReadRows : IRowKernel
    {
        public const int Rows = 64;
        public float* Source, Sums;
        public long Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int begin, int end)
        {
            for (int row = begin; row < end; row++)
            {
                var a = Simd.Splat(0);
                var b = a;
                for (long i = Count / Rows * row; i < Count / Rows * (row + 1); i += 2 * Simd.Width)
                {
                    a += Simd.Load(Source + i);
                    b += Simd.Load(Source + i + Simd.Width);
                }
                Sums[row] = Simd.Sum(a + b);
            }
        }
    }
}
