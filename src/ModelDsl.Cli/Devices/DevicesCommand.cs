using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelDsl.Gpu;
using ModelDsl.Runtime;
using Spectre.Console;

namespace ModelDsl.Cli.Devices;

/// <summary><c>modeldsl devices</c>: the devices of this machine, and the libraries that are missing.</summary>
internal static class DevicesCommand
{
    internal static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Write one JSON object, for scripts." };
        var command = new Command("devices", """
            List the processor and the CUDA and OpenCL devices, and the libraries behind them.

            Examples:
              modeldsl devices
              modeldsl devices --json | jq -r '.devices[].id'
              MODELDSL_LIBRARY_PATH=/opt/cuda/lib64 modeldsl devices     look there first
            """) { json };
        command.SetAction(parsed =>
        {
            DeviceList list = Device.List();
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(list, DeviceJson.Default.DeviceList));
            else
                DeviceTables.Write(Terminal(), list);
            return 0;
        });
        return command;
    }

    // No colours when the output goes to a file or another program.
    private static IAnsiConsole Terminal() => Console.IsOutputRedirected
        ? AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors })
        : AnsiConsole.Console;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DeviceList))]
internal sealed partial class DeviceJson : JsonSerializerContext;
