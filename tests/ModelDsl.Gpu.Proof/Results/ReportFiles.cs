using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelDsl.Gpu.Proof;

/// <summary>Writes a report to results.json and results.md in a folder, again after each step so that a crash loses nothing.</summary>
internal sealed class ReportFiles(DirectoryInfo? folder)
{
    public void Write(ProofReport report)
    {
        if (folder is null)
            return;
        folder.Create();
        File.WriteAllText(Path.Combine(folder.FullName, "results.json"), JsonSerializer.Serialize(report, ReportJson.Default.ProofReport));
        File.WriteAllText(Path.Combine(folder.FullName, "results.md"), ReportText.Markdown(report));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ProofReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
