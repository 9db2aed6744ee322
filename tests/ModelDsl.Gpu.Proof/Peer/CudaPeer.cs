using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ModelDsl.Gpu.Proof;

/// <summary>The CUDA peer: a program in CUDA C++ (cuda_peer.cu), built with the installed nvcc, for launches and graphs.</summary>
/// <param name="leftOut">Why it is left out; null if it is not.</param>
public sealed class CudaPeer(string? leftOut, int deviceIndex, string folder) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private PeerProcess? _process;
    private string? _problem = leftOut;

    /// <summary>"CUDA runtime 13000", or why there is none; "not started" before the first use.</summary>
    public string Description { get; private set; } = leftOut ?? "not started";

    /// <summary>A contestant of kind "launch" or "graph".</summary>
    internal Contestant Contestant(string name, string kind) => new(name, () =>
    {
        Start();
        return _process is null
            ? throw new PeerException(_problem!)
            : _process.Ask(new JsonObject { ["op"] = kind }, s_patience)["seconds"]!.GetValue<double>();
    });

    public void Dispose() => _process?.Dispose();

    private void Start()
    {
        if (_process is not null || _problem is not null)
            return;
        try
        {
            _process = PeerProcess.Start(Build(), [deviceIndex.ToString()], s_patience);
            Description = $"CUDA runtime {_process.Hello["cuda"]}";
        }
        catch (PeerException error)
        {
            Description = _problem = error.Message;
        }
    }

    private string Build()
    {
        string source = PeerFiles.Write("cuda_peer.cu", folder), program = Path.Combine(folder, "cuda_peer");
        var start = new ProcessStartInfo(File.Exists("/usr/local/cuda/bin/nvcc") ? "/usr/local/cuda/bin/nvcc" : "nvcc", ["-O2", "-arch=native", source, "-o", program])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        try
        {
            using var compiler = Process.Start(start)!;
            var output = compiler.StandardOutput.ReadToEndAsync();
            string errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? program : throw new PeerException($"nvcc cannot build the peer: {errors.Trim()}");
        }
        catch (Win32Exception)
        {
            throw new PeerException("no nvcc here to build the peer with");
        }
    }
}

/// <summary>The peers that are measured next to us.</summary>
public sealed record Peers(TorchPeer Torch, CudaPeer Cuda) : IDisposable
{
    public void Dispose()
    {
        Torch.Dispose();
        Cuda.Dispose();
    }
}
