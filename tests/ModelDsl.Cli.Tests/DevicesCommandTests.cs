using System.Diagnostics;
using System.Text.Json;
using ModelDsl.Cli.Devices;
using ModelDsl.Gpu;
using ModelDsl.Runtime;
using Spectre.Console;

namespace ModelDsl.Cli.Tests;

/// <summary>What <c>modeldsl devices</c> writes, here and on machines that are made up.</summary>
public sealed class DevicesCommandTests
{
    [Fact]
    public void TheProcessorIsListedFirstWhateverIsMissing()
    {
        string output = Run();
        Assert.Contains("cpu", output.Split('\n').First(line => line.Contains("GiB")));
        Assert.DoesNotContain("\e[", output);
    }

    [Fact]
    public void JsonHasEveryDeviceAndEveryLibraryFoundOrMissing()
    {
        var root = JsonDocument.Parse(Run("--json")).RootElement;
        var cpu = root.GetProperty("devices")[0];
        Assert.Equal(("cpu", "CPU"), (cpu.GetProperty("id").GetString(), cpu.GetProperty("kind").GetString()));
        Assert.True(cpu.GetProperty("memory").GetInt64() > 1 << 20);
        Assert.Contains(root.GetProperty("libraries").EnumerateArray(), library => library.GetProperty("name").GetString() == "OpenCL loader");
    }

    [Fact]
    public void HelpHasExamples() => Assert.Contains("modeldsl devices --json", Run("--help"));

    [Fact]
    public void WhatIsMissingIsToldWithWhereItComesFrom()
    {
        string text = Written(new DeviceList(
            [new("cpu", "CPU", "a processor", 16L << 30, "AVX2"), new("opencl:0", "OpenCL", "an old GPU", 2L << 30, "OpenCL 1.2", "it is too old")],
            [new("CUDA driver", "13.0", "/usr/lib/libcuda.so.1", null), new("NVRTC", null, null, "NVRTC is not installed; looked for libnvrtc.so.13.")]));
        Assert.Contains("16.0 GiB", text);
        Assert.Contains("/usr/lib/libcuda.so.1", text);
        Assert.Contains("opencl:0 cannot be used: it is too old", text);
        Assert.Contains("looked for libnvrtc.so.13.", text);
        Assert.Contains("https://developer.nvidia.com/cuda-downloads", text);
        Assert.DoesNotContain("nvidia-driver", text);
    }

    [Fact]
    public void EveryLibraryThatCanBeInstalledHasAHint() =>
        Assert.All(Device.List().Libraries.Where(library => !library.Name.StartsWith("OpenCL platform", StringComparison.Ordinal)),
            library => Assert.NotNull(InstallHints.For(library.Name)));

    private static string Written(DeviceList list)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 200;
        DeviceTables.Write(console, list);
        return text.ToString();
    }

    private static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelDsl.Cli.dll"), "devices", .. arguments]);
        var ended = ChildProcess.Run(start, TimeSpan.FromMinutes(2)).GetAwaiter().GetResult();
        Assert.Equal((0, ""), (ended.Code, ended.Errors));
        return ended.Output;
    }
}
