using System.Diagnostics;
using System.Text.Json;
using ModelDsl.Gpu.Proof;
using ModelDsl.Gpu.Tests.Emulator;

namespace ModelDsl.Gpu.Tests;

/// <summary>The proof program, end to end at tiny sizes on the emulated GPU, so that it does not fail for a trivial reason on a real one.</summary>
public sealed class ProofProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modeldsl-proof-test").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [EmulatorFact]
    public void EverythingRunsOnTheEmulatedDevice()
    {
        // Compiling every kernel again takes minutes, and other tests run every check: a full run does it here too.
        string[] filter = Sweep.IsFull ? [] : ["adamw", "norm", "cop", "matmul shapes", "launch"];
        string[] names = [.. CheckCatalogue.All.Select(check => check.Name).Concat(Measurement.All.Select(measurement => measurement.Name))
            .Where(name => filter.Length == 0 || filter.Any(name.Contains))];
        var (code, output) = Run(["all", "--quick", "--minutes", "60", "--seed", "3", "--python", "/usr/bin/python3", "--output", _folder, .. filter.SelectMany(name => (string[])["--filter", name])]);
        Assert.True(code == 0, output);
        var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "results.json"))).RootElement;
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.Equal("cuda:0", report.GetProperty("device").GetProperty("id").GetString());
        Assert.Equal(names, report.GetProperty("checks").EnumerateArray().Concat(report.GetProperty("measurements").EnumerateArray()).Select(item => item.GetProperty("name").GetString()));
        Assert.All(report.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("passed").GetInt32() > 0, check.ToString()));
        Assert.All(report.GetProperty("measurements").EnumerateArray(), measurement => Assert.NotEqual(0, measurement.GetProperty("rows").GetArrayLength()));
        Assert.StartsWith("# GPU proof: passed", File.ReadAllText(Path.Combine(_folder, "results.md")));
    }

    [EmulatorFact]
    public void ADeviceThatIsNotThereIsAFailureWithAReason()
    {
        var (code, output) = Run(["check", "--device", "cuda:7", "--output", _folder]);
        Assert.Equal(1, code);
        Assert.Contains("cuda:7 does not open: There is no cuda:7; there is cuda:0", output);
        Assert.StartsWith("# GPU proof: FAILED", File.ReadAllText(Path.Combine(_folder, "results.md")));
    }

    [EmulatorFact]
    public void WhatDoesNotFitIntoTheTimeIsAFailureThatNamesIt()
    {
        var (code, output) = Run(["check", "--quick", "--minutes", "0", "--filter", "copies"]);
        Assert.Equal(1, code);
        Assert.Contains("check copies and fills: time ran out, 3 of 3 cases did not run", output);
    }

    private static (int Code, string Output) Run(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "modeldsl-gpu-proof.dll"), .. arguments]);
        start.Environment["MODELDSL_LIBRARY_PATH"] = CudaEmulator.Folder;
        var ended = ChildProcess.Run(start, TimeSpan.FromMinutes(60)).GetAwaiter().GetResult();
        return (ended.Code, ended.Output);
    }
}
