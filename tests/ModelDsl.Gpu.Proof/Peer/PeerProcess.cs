using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelDsl.Gpu.Proof;

/// <summary>A peer cannot do a request, or is not available.</summary>
public sealed class PeerException(string message) : Exception(message);

/// <summary>A child process that answers each line of JSON with one line of JSON, after an initial line.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _complaints = [];

    private PeerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_complaints)
            {
                if (line.Data is { Length: > 0 } text)
                    _complaints.Enqueue(text);
                if (_complaints.Count > 20)
                    _complaints.Dequeue();
            }
        };
        process.BeginErrorReadLine();
        Hello = [];
    }

    /// <summary>Its initial line.</summary>
    public JsonObject Hello { get; private set; }

    /// <exception cref="PeerException">It does not start, or reports why it cannot work.</exception>
    public static PeerProcess Start(string program, IEnumerable<string> arguments, TimeSpan patience)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        PeerProcess peer;
        try
        {
            peer = new(Process.Start(start)!);
        }
        catch (Win32Exception error)
        {
            throw new PeerException($"{program} does not start: {error.Message}");
        }
        try
        {
            peer.Hello = peer.Answer(patience);
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    /// <exception cref="PeerException">It reports an error, does not answer in time, or has ended.</exception>
    public JsonObject Ask(JsonObject request, TimeSpan patience)
    {
        try
        {
            _process.StandardInput.WriteLine(request.ToJsonString());
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            throw new PeerException($"{Name} has ended{Complaint()}");
        }
        return Answer(patience);
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(2000))
                _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or Win32Exception)
        {
            // it has ended already
        }
        _process.Dispose();
    }

    private string Name => Path.GetFileName(_process.StartInfo.FileName);

    private JsonObject Answer(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        string? line;
        try
        {
            line = _process.StandardOutput.ReadLineAsync(limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new PeerException($"{Name} did not answer within {patience.TotalSeconds:0} s{Complaint()}");
        }
        if (line is null)
        {
            _process.WaitForExit(2000);
            throw new PeerException($"{Name} has ended{Complaint()}");
        }
        JsonObject answer;
        try
        {
            answer = JsonNode.Parse(line)!.AsObject();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new PeerException($"{Name} answered '{line}', which is no JSON object");
        }
        return answer["error"] is { } problem ? throw new PeerException(problem.GetValue<string>()) : answer;
    }

    private string Complaint()
    {
        lock (_complaints)
            return _complaints.Count == 0 ? "" : $": {string.Join(" | ", _complaints)}";
    }
}
