using System.Globalization;
using ModelDsl.Gpu;
using Spectre.Console;

namespace ModelDsl.Cli.Devices;

/// <summary>Prints devices and libraries for people: two tables, then what is missing and how to install it.</summary>
internal static class DeviceTables
{
    internal static void Write(IAnsiConsole console, DeviceList list)
    {
        var devices = new Table().Border(TableBorder.Simple).AddColumns("device", "name", "memory", "capability");
        foreach (DeviceInfo device in list.Devices)
            devices.AddRow(Cell(device.Id, device.Problem), Cell(device.Name), Cell(Memory(device.Memory)), Cell(device.Capability));
        console.Write(devices);

        if (list.Libraries.Any(library => library.Problem is null))
        {
            var libraries = new Table().Border(TableBorder.Simple).AddColumns("library", "version", "file");
            foreach (LibraryInfo library in list.Libraries.Where(library => library.Problem is null))
                libraries.AddRow(Cell(library.Name), Cell(library.Version ?? ""), Cell(library.Path ?? ""));
            console.Write(libraries);
        }

        foreach (DeviceInfo device in list.Devices.Where(device => device.Problem is not null))
            Paragraph(console, $"{device.Id} cannot be used", device.Problem!, null);
        foreach (LibraryInfo library in list.Libraries.Where(library => library.Problem is not null))
            Paragraph(console, library.Name, library.Problem!, InstallHints.For(library.Name));
    }

    private static void Paragraph(IAnsiConsole console, string title, string problem, string? hint)
    {
        console.MarkupLineInterpolated($"[yellow]{title}[/]: {problem}");
        if (hint is not null)
            console.MarkupLineInterpolated($"  [grey]{hint}[/]");
        console.WriteLine();
    }

    private static Text Cell(string text, string? problem = null) => new(text, problem is null ? Style.Plain : new Style(Color.Yellow));

    private static string Memory(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
