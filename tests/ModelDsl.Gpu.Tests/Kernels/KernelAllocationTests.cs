using ModelDsl.Gpu.OpenCl;
using ModelDsl.Gpu.Tests.OpenCl;
using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Tests;

/// <summary>A training step's kernels allocate no managed memory once they are compiled.</summary>
public sealed class KernelAllocationTests
{
    [OpenClFact]
    public void LaunchesAllocateNothing()
    {
        using OpenClDevice device = OpenClDevice.Open();
        using GpuMemory memory = device.Allocate(1 << 20, "test");
        var kernels = new StepKernels(device, memory);
        kernels.Run();
        device.DefaultStream.Synchronize();
        long before = GC.GetAllocatedBytesForCurrentThread();
        kernels.Run();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        device.DefaultStream.Synchronize();
        Assert.Equal(0, allocated);
    }

    // Zeroed memory: ids and targets are all 0, results do not matter here.
    private sealed class StepKernels(GpuDevice device, GpuMemory memory)
    {
        private readonly GpuAdamW _adamW = new(device);
        private readonly GpuNorm _norm = new(device);
        private readonly GpuEmbedding _embedding = new(device);
        private readonly GpuCrossEntropy _crossEntropy = new(device);
        private readonly GpuTranspose _transpose = new(device);
        private readonly GpuCast _cast = new(device);
        private readonly GpuAttention _attention = new(device);

        private GpuPointer Part(int index) => memory.Address + index * 65536L;

        public void Run()
        {
            GpuStream stream = device.DefaultStream;
            var ids = new GpuIds(Part(0), 16, 8, Part(1));
            _embedding.Gather(stream, ids, Part(2), Part(3), TensorType.F32, 8);
            var attention = new GpuAttentionArguments
            {
                Query = Part(4), Key = Part(4), Value = Part(4), Output = Part(5), LogSumExp = Part(6), Type = TensorType.F32, Batch = 1,
                QueryLength = 4, KeyLength = 4, Heads = 2, KeyHeads = 2, HeadSize = 12, QueryStride = 24, KeyStride = 24, ValueStride = 24,
                OutputStride = 24, Scale = 1, Causal = true,
            };
            _attention.Forward(stream, attention);
            var logits = new GpuCrossEntropyArguments { Logits = Part(7), Type = TensorType.F32, Stride = 8, Targets = ids, Losses = Part(8) };
            _crossEntropy.MeanScale(stream, ids, Part(9));
            _crossEntropy.LossesAndGradient(stream, logits, Part(9));
            _crossEntropy.MeanLoss(stream, Part(8), 16, Part(9), Part(10));
            _attention.Backward(stream, attention, new()
            {
                Output = Part(5), Query = Part(11), Key = Part(12), Value = Part(13), OutputStride = 24, QueryStride = 24, KeyStride = 24,
                ValueStride = 24, Scratch = Part(14),
            });
            _embedding.AddGradient(stream, ids, Part(3), TensorType.F32, Part(2), 8, Part(15));
            int partials = _norm.AddSquares(stream, Part(2), TensorType.F32, 64, Part(10));
            _norm.Finish(stream, Part(10), partials, 1, Part(14));
            _adamW.Update(stream, new()
            {
                Weights = Part(11), Gradients = Part(2), FirstMoment = Part(12), SecondMoment = Part(13), Count = 64, Clip = Part(14) + 4,
                LearningRate = 1e-3f, Beta1 = 0.9f, Beta2 = 0.95f, Epsilon = 1e-8f, BiasCorrection1 = 0.1f, BiasCorrection2 = 0.05f,
            });
            _cast.Run(stream, Part(11), TensorType.F32, Part(4), TensorType.BF16, 64);
            _cast.LargestAndScale(stream, Part(11), TensorType.F32, 64, GpuCast.LargestE4M3, Part(5), Part(6));
            _transpose.Run(stream, new() { Source = Part(4), Target = Part(5), ElementSize = 2, Rows = 8, Columns = 8 });
        }
    }
}
