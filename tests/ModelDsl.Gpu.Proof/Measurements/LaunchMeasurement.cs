using ModelDsl.Gpu.Cuda;

namespace ModelDsl.Gpu.Proof;

/// <summary>The host's time for a launch, and the device's time for a captured graph.</summary>
public sealed class LaunchMeasurement : Measurement
{
    // The same kernels as in cuda_peer.cu.
    private static readonly KernelSource s_source = new("proof_launch.c", """
        KERNEL(empty)(GLOBAL float* x, int count) { }

        KERNEL(scale)(GLOBAL float* x, int count)
        {
            int i = (int)ELEMENT;
            if (i < count)
                x[i] *= 1.0001f;
        }
        """);

    public override string Name => "launch";

    public override string Method =>
        "Launch: an empty kernel, host time of one call in batches of 500, waiting not counted. Graph: 300 kernels of 1,024 elements captured once, "
        + "device time of one replay. CUDA C++: the same kernels by the runtime API, built with nvcc; torch: 300 mul_ in a torch.cuda.CUDAGraph.";

    public override int Order => 50;

    public override void Run(MeasureRun run)
    {
        const int Elements = 1024;
        int kernels = run.Quick ? 10 : 300;
        GpuMemory x = run.Allocate(4 * Elements, "launch");
        GpuModule module = run.Device.Compile(s_source);
        GpuKernel empty = module["empty"], scale = module["scale"];
        var launches = run.Race(
            run.OnHost("launch", () => empty.Launch(run.Stream, new KernelGrid(1, 1), x, Elements)), run.Peers.Cuda.Contestant("CUDA C++", "launch"));
        Sample launch = launches[0].Seconds!.Map(seconds => seconds * 1e6);
        run.Add(new("an empty kernel from C#", "us", launch, [Figure(launches[1])], new("at most 5 us", 5, launch.Median, launch.Median <= 5)));
        if (run.Stream is not CudaStream)
            return;

        using CudaGraph graph = ((CudaStream)run.Stream).Capture(() =>
        {
            for (int i = 0; i < kernels; i++)
                scale.Launch(run.Stream, KernelGrid.Elements(Elements), x, Elements);
        });
        var replays = run.Race(
            run.OnDevice("graph", () => graph.Launch(run.Stream)), run.Peers.Cuda.Contestant("CUDA C++", "graph"),
            run.Torch("torch", "graph", ("kernels", kernels), ("elements", Elements)));
        var rival = replays[1].Seconds is null ? replays[2] : replays[1];
        double? ratio = rival.Seconds is null ? null : replays[0].Seconds!.Median / rival.Seconds.Median;
        run.Add(new($"a graph of {kernels} kernels", "us", replays[0].Seconds!.Map(seconds => seconds * 1e6), [Figure(replays[1]), Figure(replays[2])],
            new($"at most 1.1x the time of {rival.Contestant.Name}", 1.1, ratio, ratio <= 1.1)));

        static PeerFigure Figure((Contestant Contestant, Sample? Seconds, string? Problem) peer) =>
            new(peer.Contestant.Name, peer.Seconds?.Map(seconds => seconds * 1e6), peer.Problem);
    }
}
