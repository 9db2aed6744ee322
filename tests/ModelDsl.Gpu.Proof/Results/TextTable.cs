using System.Text;

namespace ModelDsl.Gpu.Proof;

/// <summary>A table that is aligned on a terminal and also valid markdown.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [columns];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Replace('|', '/').ReplaceLineEndings(" "))]);

    public override string ToString()
    {
        int[] widths = [.. columns.Select((_, i) => Math.Max(3, _rows.Max(row => row[i].Length)))];
        var text = new StringBuilder();
        for (int row = 0; row < _rows.Count; row++)
        {
            text.AppendLine($"| {string.Join(" | ", _rows[row].Select((cell, i) => cell.PadRight(widths[i])))} |");
            if (row == 0)
                text.AppendLine($"| {string.Join(" | ", widths.Select(width => new string('-', width)))} |");
        }
        return text.ToString();
    }
}
