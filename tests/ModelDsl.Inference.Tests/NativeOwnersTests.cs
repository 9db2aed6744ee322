using System.Reflection;
using ModelDsl.Inference.Tests.Support;
using ModelDsl.Runtime.Collectives;
using ModelDsl.Runtime.Collectives.Mpi;
using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Inference.Tests;

/// <summary>
/// Every public type of the runtime and of inference that can be disposed of: disposed of twice, and used after that. A new
/// one fails <see cref="EveryTypeIsHere"/> until it is added.
/// </summary>
public sealed class NativeOwnersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modeldsl-").FullName;
    private readonly CpuDevice _device = new(2);

    public void Dispose()
    {
        _device.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What has a test of its own: abstract types have no instances, a communicator of MPI needs a job.</summary>
    private static readonly Type[] Elsewhere = [typeof(MpiCommunicator)];

    private static readonly Dictionary<Type, Func<NativeOwnersTests, (IDisposable Owner, Action[] Uses)>> Owners = new()
    {
        [typeof(SafetensorsFile)] = test =>
        {
            SafetensorsWriter.Write(test.File("a"), [new("x", TensorType.U8, [1], (_, chunk) => chunk[0] = 1)], []);
            var file = SafetensorsFile.Open(test.File("a"));
            return (file, [file.Verify, () => file.ReadSingles(file.Tensors[0])]);
        },
        [typeof(CpuDevice)] = _ =>
        {
            var device = new CpuDevice(2);
            return (device, [() => device.Launch(new Nothing(), 1), () => device.Launch(new Nothing(), 100), () => Multiply(device)]);
        },
        [typeof(CpuMemory)] = _ =>
        {
            var memory = new CpuMemory(8);
            return (memory, [() => memory.Read(0, new byte[8]), () => memory.Write(0, new byte[8]), () => Pointer(memory)]);
        },
        [typeof(WorkerPool)] = _ =>
        {
            var pool = new WorkerPool(2);
            return (pool, [() => Run(pool)]);
        },
        [typeof(WeightStore)] = test =>
        {
            var weights = TestModels.Any.Weights(test._device);
            var info = weights.Infos[0];
            return (weights, [() => weights.Read(info, 0, new float[1]), () => weights.Write(info, 0, new float[1]), () => _ = weights[info.Name].Length,
                () => weights.Save(test.File("weights"))]);
        },
        [typeof(DeviceInputs)] = test =>
        {
            var batch = new Batch([new("x", InputKind.Float32, false, [2], 0)], 1, 1);
            var inputs = new DeviceInputs(batch, test._device);
            return (inputs, [() => inputs.Write(batch), () => Table(inputs)]);
        },
        [typeof(Trainer)] = test =>
        {
            var trainer = new Trainer(TestModels.Any.CreateProgram(), test._device, new() { Batch = 1, Length = 4 });
            trainer.Save(test.File("run"));
            var (batch, data) = (trainer.NewBatch(), TokenDataset.FromTokens(new int[100]));
            return (trainer, [() => trainer.Step(batch), () => trainer.Step(data), () => trainer.Evaluate(batch), () => trainer.Evaluate(data),
                () => trainer.Fit(data, new() { Steps = 1 }), () => trainer.Save(test.File("run")), () => trainer.Resume(test.File("run"))]);
        },
        [typeof(Generator)] = test =>
        {
            var generator = new Generator(TestModels.Any.CreateDecodeProgram(), TestModels.Any.Weights(test._device), ownsWeights: true);
            generator.Generate([[1]], maximumTokens: 1);
            return (generator, [() => generator.Stream([1]).First(), () => generator.Generate([[1]]), () => generator.Score([1], [2])]);
        },
        [typeof(Predictor)] = test =>
        {
            var predictor = new Predictor(TestModels.Any.CreateForwardProgram(), TestModels.Any.Weights(test._device), ownsWeights: true);
            var batch = predictor.NewBatch(1, 4);
            predictor.Run(batch);
            return (predictor, [() => predictor.Run(batch)]);
        },
        [typeof(TokenShard)] = test =>
        {
            System.IO.File.WriteAllBytes(test.File("tokens"), new byte[100]);
            var shard = TokenShard.Open(test.File("tokens"));
            return (shard, [() => shard.Read(0, new int[1], 10)]);
        },
        [typeof(TokenDataset)] = test =>
        {
            System.IO.File.WriteAllBytes(test.File("tokens"), new byte[100]);
            var data = TokenDataset.Open([test.File("tokens")]);
            var batch = new Batch([new("tokens", InputKind.Int32, true, [], 10)], 1, 4);
            return (data, [() => data.FillTraining(1, 0, batch), () => _ = data.Fingerprint]);
        },
        [typeof(TokenShardWriter)] = test =>
        {
            var writer = new TokenShardWriter(test.File("written"), 10);
            return (writer, [writer.Complete]);
        },
        [typeof(RunFolder)] = test => (RunFolder.Open(test.File("held")), []),
        [typeof(StopSignals)] = _ => (new StopSignals(), []),
        [typeof(ConsoleProgress)] = _ => (new ConsoleProgress(TextWriter.Null, redraw: false, () => 80), []),
        [typeof(MetricsLog)] = test =>
        {
            var log = new MetricsLog(test.File("metrics"));
            return (log, [() => log.Report(default)]);
        },
        [typeof(TensorBoardLog)] = test =>
        {
            var log = new TensorBoardLog(test.File("board"));
            return (log, [() => log.Report(default)]);
        },
        [typeof(SingleRank)] = _ =>
        {
            var rank = new SingleRank();
            return (rank, [rank.Barrier]);
        },
    };

    public static TheoryData<string> Names => new(Owners.Keys.Select(type => type.Name));

    [Fact]
    public void EveryTypeIsHere()
    {
        Assembly[] assemblies = [typeof(Trainer).Assembly, typeof(Generator).Assembly];
        var types = assemblies.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type is { IsAbstract: false, IsClass: true } && type.IsAssignableTo(typeof(IDisposable)));
        Assert.Equal(types.Select(type => type.Name).Order(), Owners.Keys.Concat(Elsewhere).Select(type => type.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void DisposedOfTwiceItSaysSoWhenItIsUsed(string name)
    {
        var (owner, uses) = Owners.Single(pair => pair.Key.Name == name).Value(this);
        owner.Dispose();
        owner.Dispose();
        foreach (var use in uses)
            Assert.Throws<ObjectDisposedException>(use);
        owner.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void LeftToTheFinaliserNothingFails(string name)
    {
        Leave(name);
        for (int round = 0; round < 2; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers(); // an exception of a finaliser ends the process
        }
        Assert.True(Multiply(_device)); // and what is in use is whole

        void Leave(string name) => Owners.Single(pair => pair.Key.Name == name).Value(this);
    }

    [Fact]
    public void CallsBesideAnotherThreadsAreRefused()
    {
        using var weights = TestModels.Any.Weights(_device);
        using var generator = TestModels.Any.CreateGenerator(weights);
        int[] alone = [.. generator.Stream([1, 2], maximumTokens: 100)];
        int texts = 0, refused = 0;
        Parallel.For(0, 4, new() { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (int i = 0; i < 50; i++)
                try
                {
                    Assert.Equal(alone, generator.Generate([[1, 2]], maximumTokens: 100)[0]);
                    Interlocked.Increment(ref texts);
                }
                catch (ConcurrentUseException error)
                {
                    Assert.Contains("in use by another thread", error.Message);
                    Interlocked.Increment(ref refused);
                }
        });
        Assert.Equal(200, texts + refused);
        Assert.True(texts > 0);
    }

    [Fact]
    public void GeneratorsOfSeveralThreadsShareWeightsAndDevice()
    {
        using var weights = TestModels.Any.Weights(_device);
        int[] alone;
        using (var generator = TestModels.Any.CreateGenerator(weights))
            alone = [.. generator.Stream([1, 2], maximumTokens: 100)];
        Parallel.For(0, 4, new() { MaxDegreeOfParallelism = 4 }, _ =>
        {
            using var generator = TestModels.Any.CreateGenerator(weights);
            for (int i = 0; i < 10; i++)
                Assert.Equal(alone, generator.Stream([1, 2], maximumTokens: 100));
        });
    }

    [Fact]
    public void DisposedOfDuringACallOfAnotherThreadTheCallEnds()
    {
        for (int round = 0; round < 20; round++)
        {
            var weights = TestModels.Any.Weights(_device);
            var generator = TestModels.Any.CreateGenerator(weights);
            using var begun = new ManualResetEventSlim();
            var reader = Task.Run(() =>
            {
                foreach (int _ in generator.Stream([1], maximumTokens: 250))
                    begun.Set();
            });
            begun.Wait();
            generator.Dispose();
            weights.Dispose();
            var end = Record.Exception(reader.GetAwaiter().GetResult);
            Assert.True(end is null or ObjectDisposedException, $"{end}");
        }
    }

    [Fact]
    public void DisposedOfInItsOwnCallBackATrainerEndsWithTheCall()
    {
        using var data = TokenDataset.FromTokens([.. Enumerable.Range(0, 1000).Select(i => i % TestModels.Vocabulary)]);
        var trainer = new Trainer(TestModels.Any.CreateProgram(), _device, new() { Batch = 1, Length = 8 });
        Assert.Throws<ObjectDisposedException>(() => trainer.Fit(data, new() { Steps = 3 }, new Disposing(trainer)));
        trainer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => trainer.Weights.Read(trainer.Weights.Infos[0], 0, new float[1]));
    }

    private string File(string name) => Path.Combine(_folder, name);

    private static unsafe bool Multiply(CpuDevice device)
    {
        float* a = stackalloc float[4] { 1, 2, 3, 4 }, c = stackalloc float[4];
        device.MatMul(2, 2, 2, new(a, 2), new(a, 2), new(c, 2), accumulate: false, new NoEpilogue());
        return (c[0], c[1], c[2], c[3]) == (7, 10, 15, 22);
    }

    private static unsafe void Pointer(CpuMemory memory) => _ = memory.Pointer;

    private static unsafe void Table(DeviceInputs inputs) => _ = inputs.Table;

    private static unsafe void Run(WorkerPool pool) => pool.Run(&DoNothing, null, 2);

    private static unsafe void DoNothing(void* state, int part) { }

    private readonly struct Nothing : IRowKernel
    {
        public void Run(int begin, int end) { }
    }

    private sealed class Disposing(Trainer trainer) : IProgress<StepMetrics>
    {
        public void Report(StepMetrics value) => trainer.Dispose();
    }
}
