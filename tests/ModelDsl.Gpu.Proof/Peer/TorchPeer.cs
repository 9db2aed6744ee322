using System.Text.Json.Nodes;

namespace ModelDsl.Gpu.Proof;

/// <summary>PyTorch in a child process (torch_peer.py): the same work at the same sizes on the same GPU.</summary>
/// <param name="python">The interpreter to start; null means no peer.</param>
/// <param name="torchDevice">"cuda:0", or "cpu" to try the script without a GPU.</param>
public sealed class TorchPeer(string? python, string torchDevice, string folder) : IDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(90), s_prepare = TimeSpan.FromSeconds(60), s_time = TimeSpan.FromSeconds(30);

    private PeerProcess? _process;
    private string? _problem;
    private int _starts, _prepared;

    /// <summary>"PyTorch 2.11.0+cu130, CUDA 13.0", or why there is none.</summary>
    public string Description { get; private set; } = "not started";

    /// <summary>Null if PyTorch is available.</summary>
    public string? Problem => _problem;

    /// <summary>Starts it once.</summary>
    public void Start()
    {
        if (_process is not null || _problem is not null)
            return;
        if (python is null)
        {
            Fail("left out by --no-peer");
            return;
        }
        try
        {
            string script = PeerFiles.Write("torch_peer.py", folder);
            _starts++;
            _process = PeerProcess.Start(python, [script, torchDevice], s_start);
            Description = $"PyTorch {_process.Hello["torch"]}, CUDA {_process.Hello["cuda"]}, {_process.Hello["device"]}, Python {_process.Hello["python"]}";
        }
        catch (PeerException error)
        {
            Fail($"no PyTorch by {python}: {error.Message}");
        }
    }

    /// <summary>Prepares a case; returns the id for <see cref="Time"/>, or the problem.</summary>
    internal (int Id, string? Problem) Prepare(string kind, double seconds, params IEnumerable<(string Name, JsonNode? Value)> sizes)
    {
        Start();
        var request = new JsonObject { ["op"] = "prepare", ["id"] = ++_prepared, ["kind"] = kind, ["seconds"] = seconds };
        foreach (var (name, value) in sizes)
            request[name] = value;
        try
        {
            Ask(request, s_prepare);
            return (_prepared, null);
        }
        catch (PeerException error)
        {
            return (0, error.Message);
        }
    }

    /// <summary>Seconds of one call.</summary>
    /// <exception cref="PeerException">It fails.</exception>
    internal double Time(int id) => Ask(new() { ["op"] = "time", ["id"] = id }, s_time)["seconds"]!.GetValue<double>();

    /// <summary>Frees the memory of every case.</summary>
    internal void Release()
    {
        if (_process is null)
            return;
        try
        {
            Ask(new() { ["op"] = "release" }, s_time);
        }
        catch (PeerException)
        {
            // the next case reports it
        }
    }

    public void Dispose()
    {
        _process?.Dispose();
        _process = null;
    }

    private JsonObject Ask(JsonObject request, TimeSpan patience)
    {
        if (_process is null)
            throw new PeerException(_problem ?? "PyTorch is not started");
        try
        {
            return _process.Ask(request, patience);
        }
        catch (PeerException error) when (error.Message.Contains("has ended") || error.Message.Contains("did not answer"))
        {
            // A single crash is no reason to give up the peer.
            Dispose();
            if (_starts < 3)
                Start();
            else
                Fail(error.Message);
            throw;
        }
    }

    private void Fail(string problem) => Description = _problem = problem;
}
