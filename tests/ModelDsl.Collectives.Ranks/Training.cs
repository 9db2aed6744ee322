using System.Runtime.InteropServices;
using Examples.Classifier;
using Examples.Shared;
using ModelDsl.Runtime;
using ModelDsl.Runtime.Collectives;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Collectives.Ranks;

/// <summary>Some steps of a compiled classifier, with the examples of a step split over ranks; and the same in one process.</summary>
internal static unsafe class Training
{
    public const int Steps = 20, Examples = 32, Pixels = DrawnDigits.Pixels, Hidden = 64;

    /// <param name="FirstGradients">After the first step, before clipping.</param>
    /// <param name="Weights">After the last.</param>
    public sealed record Outcome(float[] Losses, float[] FirstGradients, float[] Weights);

    /// <summary>This rank's part of a job; leaves its outcome in a folder.</summary>
    public static int Run(string folder, int accumulation)
    {
        using var ranks = Communicator.Create(new() { Timeout = TimeSpan.FromSeconds(30) });
        var outcome = Train(ranks, accumulation);
        foreach (var (name, values) in (IEnumerable<(string, float[])>)[("losses", outcome.Losses), ("gradients", outcome.FirstGradients), ("weights", outcome.Weights)])
            File.WriteAllBytes(FileOf(folder, ranks.Rank, name), MemoryMarshal.AsBytes(values.AsSpan()));
        return 0;
    }

    /// <summary>Ranks whose trainers differ: ends with the trainer's error.</summary>
    public static int Differ(string what)
    {
        using var ranks = Communicator.Create(new() { Timeout = TimeSpan.FromSeconds(30) });
        using var device = Device.Cpu(threads: 1);
        var options = Options(ranks.Size) with { Ranks = ranks };
        try
        {
            using var trainer = new Trainer(Program, device, what == "seed" ? options with { Seed = 7 + (ulong)ranks.Rank } : options);
            if (what == "step" && ranks.Rank == 0)
                AlreadyTrained(trainer);
            trainer.Step(Data());
            return 1;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            Console.WriteLine(error.Message);
            return 0;
        }
    }

    public static Outcome Read(string folder, int rank)
    {
        return new(Values("losses"), Values("gradients"), Values("weights"));
        float[] Values(string name) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(FileOf(folder, rank, name))).ToArray();
    }

    /// <summary>Trains with the library; with null, on the whole batch.</summary>
    public static Outcome Train(Communicator? ranks, int accumulation)
    {
        using var device = Device.Cpu(threads: 1);
        using var trainer = new Trainer(Program, device, Options((ranks?.Size ?? 1) * accumulation) with { GradientAccumulation = accumulation, Ranks = ranks });
        var data = Data();
        var losses = new float[Steps];
        float[] first = [];
        for (int step = 0; step < Steps; step++)
        {
            losses[step] = trainer.Step(data).Loss;
            if (step == 0)
                first = [.. Span(trainer.Gradients)];
        }
        return new(losses, first, [.. Span(trainer.Weights)]);
    }

    /// <summary>
    /// The same in one process without the library's trainer or communicator: the gradients of each rank's part in a separate
    /// buffer, then added one after the other in rank order.
    /// </summary>
    public static Outcome AddParts(int parts, int accumulation)
    {
        using var device = Device.Cpu(threads: 1);
        var options = Options(parts * accumulation);
        using WeightStore weights = new(Program.Weights, device), first = new(Program.Weights, device), second = new(Program.Weights, device), sum = new(Program.Weights, device);
        WeightInitialiser.Fill(weights, options.Seed);
        var batch = new Batch(Program.Inputs, options.Batch, 1);
        using var inputs = new DeviceInputs(batch, device);
        using var scratch = device.Allocate(Program.ScratchBytes(options.Batch, 1));
        var data = Data();
        data.Check(batch);
        float share = 1f / (parts * accumulation);
        var losses = new float[Steps];
        float[] firstGradients = [];
        for (int step = 0; step < Steps; step++)
        {
            double loss = 0;
            for (int part = 0; part < parts; part++)
            {
                using WeightStore gradients = new(Program.Weights, device);
                double partLoss = 0;
                for (int i = 0; i < accumulation; i++)
                {
                    long number = (step * accumulation + i) * parts + part;
                    data.FillTraining(options.Seed, number, batch);
                    inputs.Write(batch);
                    var buffers = new StepBuffers
                    {
                        Weights = weights.Pointer, Gradients = gradients.Pointer, Scratch = (byte*)scratch.Pointer, Inputs = inputs.Table,
                        Batch = options.Batch, Length = 1, Step = number, Seed = options.Seed,
                    };
                    partLoss += (double)share * Program.Train(device, buffers, accumulate: i > 0, share);
                }
                loss = part == 0 ? partLoss : loss + partLoss;
                for (long i = 0; i < gradients.Count; i++)
                    sum.Pointer[i] = part == 0 ? gradients.Pointer[i] : sum.Pointer[i] + gradients.Pointer[i];
            }
            losses[step] = (float)loss;
            if (step == 0)
                firstGradients = [.. Span(sum)];
            Update(options, device, step + 1, weights, sum, first, second);
        }
        return new(losses, firstGradients, [.. Span(weights)]);
    }

    /// <summary>For each weight, the sum of the sizes of every example's share of its first gradient: the scale of its rounding.</summary>
    public static float[] FirstGradientSizes()
    {
        var sizes = new float[Program.Weights.Sum(weight => weight.Count)];
        var options = Options(1);
        using var device = Device.Cpu(threads: 1);
        using var trainer = new Trainer(Program, device, options with { Batch = 1, Schedule = new ConstantSchedule(0, WarmupSteps: 0), Optimizer = new(WeightDecay: 0) });
        var data = Data();
        for (int example = 0; example < Examples; example++)
        {
            trainer.Step(data);
            var gradients = Span(trainer.Gradients);
            for (int i = 0; i < sizes.Length; i++)
                sizes[i] += Math.Abs(gradients[i]) / Examples;
        }
        return sizes;
    }

    /// <summary>Brings a trainer to step 3 by a checkpoint that another trainer wrote.</summary>
    private static void AlreadyTrained(Trainer trainer)
    {
        var folder = Directory.CreateTempSubdirectory("modeldsl-ranks-");
        using var device = Device.Cpu(threads: 1);
        using var alone = new Trainer(Program, device, trainer.Options with { Ranks = null });
        for (int step = 0; step < 3; step++)
            alone.Step(Data());
        alone.Save(folder.FullName);
        trainer.Resume(folder.FullName, allowChanges: true);
        folder.Delete(recursive: true);
    }

    private static ModelProgram Program { get; } = new Classifier(Pixels, Hidden).CreateProgram();

    private static TrainerOptions Options(int parts) => new() { Batch = Examples / parts, Schedule = new ConstantSchedule(4e-3, WarmupSteps: 0), LossSpike = null };

    private static ArrayDataset Data()
    {
        var digits = new DrawnDigits(count: 200, seed: 1);
        return new ArrayDataset(digits.Count).With("image", digits.Images).With("label", digits.Labels);
    }

    private static ReadOnlySpan<float> Span(WeightStore store) => new(store.Pointer, (int)store.Count);

    private static string FileOf(string folder, int rank, string name) => Path.Combine(folder, $"{name}-{rank}.bin");

    private static void Update(TrainerOptions options, Device device, int step, WeightStore weights, WeightStore gradients, WeightStore first, WeightStore second)
    {
        double[] partial = new double[SquaredNorm.RowsOf(gradients.Count)];
        double norm;
        fixed (double* sums = partial)
        {
            var squares = new SquaredNorm { Values = gradients.Pointer, Partial = sums, Count = gradients.Count };
            device.Launch(squares, squares.Rows);
            norm = Math.Sqrt(squares.Total());
        }
        foreach (var weight in Program.Weights)
        {
            var kernel = new AdamW
            {
                Weights = weights.Pointer + weight.Offset, Gradients = gradients.Pointer + weight.Offset,
                FirstMoment = first.Pointer + weight.Offset, SecondMoment = second.Pointer + weight.Offset, Count = weight.Count,
                GradientScale = (float)(options.ClipNorm > 0 && norm > options.ClipNorm ? options.ClipNorm / norm : 1),
                LearningRate = (float)options.Schedule.At(step - 1),
                Beta1 = (float)options.Optimizer.Beta1, Beta2 = (float)options.Optimizer.Beta2, Epsilon = (float)options.Optimizer.Epsilon,
                WeightDecay = weight.Decay ? (float)options.Optimizer.WeightDecay : 0,
                BiasCorrection1 = (float)(1 - Math.Pow(options.Optimizer.Beta1, step)), BiasCorrection2 = (float)(1 - Math.Pow(options.Optimizer.Beta2, step)),
            };
            device.Launch(kernel, kernel.Rows);
        }
    }
}
