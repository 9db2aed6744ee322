using System.Runtime.CompilerServices;
using System.Text;

namespace ModelDsl.Generator.Tests;

/// <summary>
/// Compares text with a file beside the test, by the convention of Verify: TestClass.Method.verified.txt is what it should
/// be; a difference leaves TestClass.Method.received.txt and fails with the lines that differ. MODELDSL_ACCEPT=1 accepts.
/// </summary>
internal static class Snapshot
{
    private const int Context = 2;

    public static void Verify(string received, string name, string extension = "txt", [CallerFilePath] string test = "")
    {
        string stem = Path.Combine(Path.GetDirectoryName(test)!, $"{Path.GetFileNameWithoutExtension(test)}.{name}");
        string verifiedPath = $"{stem}.verified.{extension}", receivedPath = $"{stem}.received.{extension}";
        received = received.ReplaceLineEndings("\n").TrimEnd('\n');
        if (Environment.GetEnvironmentVariable("MODELDSL_ACCEPT") == "1")
        {
            File.WriteAllText(verifiedPath, received);
            File.Delete(receivedPath);
            return;
        }
        string verified = File.Exists(verifiedPath) ? File.ReadAllText(verifiedPath).ReplaceLineEndings("\n").TrimEnd('\n') : "";
        if (verified == received)
        {
            File.Delete(receivedPath);
            return;
        }
        File.WriteAllText(receivedPath, received);
        Assert.Fail($"{Path.GetFileName(verifiedPath)} differs (- verified, + received; MODELDSL_ACCEPT=1 accepts):\n{Difference(verified.Split('\n'), received.Split('\n'))}");
    }

    /// <summary>The lines that differ, with two around each, by a longest common subsequence.</summary>
    private static string Difference(string[] before, string[] after)
    {
        int[,] common = new int[before.Length + 1, after.Length + 1];
        for (int i = before.Length - 1; i >= 0; i--)
            for (int j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);

        List<string> lines = [];
        for (int i = 0, j = 0; i < before.Length || j < after.Length;)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
            {
                lines.Add("  " + before[i++]);
                j++;
            }
            else if (i < before.Length && (j == after.Length || common[i + 1, j] >= common[i, j + 1])) lines.Add("- " + before[i++]);
            else lines.Add("+ " + after[j++]);
        }

        var text = new StringBuilder();
        bool gap = false;
        for (int line = 0; line < lines.Count; line++)
        {
            bool near = lines.Skip(Math.Max(0, line - Context)).Take(2 * Context + 1).Any(other => other[0] != ' ');
            if (near && gap) text.AppendLine("  ...");
            if (near) text.AppendLine(lines[line]);
            gap = !near;
        }
        return text.ToString();
    }
}
