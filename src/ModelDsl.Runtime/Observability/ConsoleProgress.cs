using System.Diagnostics;
using System.Globalization;

namespace ModelDsl.Runtime;

/// <summary>
/// Shows a run in the console: step, loss, validation loss, tokens/s, share of peak and the time left. A terminal gets
/// one line that is redrawn ten times a second at most; a file or pipe gets a plain line now and then.
/// </summary>
public sealed class ConsoleProgress : IProgress<StepMetrics>, IDisposable
{
    private const double Smoothing = 0.9, RedrawSeconds = 0.1;
    private const int PlainLines = 20, BarCells = 20;

    private readonly TextWriter _output;
    private readonly bool _redraw;
    private readonly Func<int> _width;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private long _drawn, _firstStep;
    private double _milliseconds, _peakShare, _loss;
    private float? _validation;
    private bool _lineOpen;

    public ConsoleProgress() : this(Console.Out, redraw: !Console.IsOutputRedirected, TerminalWidth) { }

    /// <param name="redraw">Whether <paramref name="output"/> is a terminal.</param>
    /// <param name="width">Columns of the terminal at this moment.</param>
    public ConsoleProgress(TextWriter output, bool redraw, Func<int> width) => (_output, _redraw, _width) = (output, redraw, width);

    public void Report(StepMetrics value)
    {
        if (_firstStep == 0)
            (_firstStep, _loss) = (value.Step, value.Loss);
        if (value.Step <= _firstStep + 1) // the first step also compiles and pages memory in
            (_milliseconds, _peakShare) = (value.Milliseconds, value.PeakShare);
        _milliseconds += (1 - Smoothing) * (value.Milliseconds - _milliseconds);
        _peakShare += (1 - Smoothing) * (value.PeakShare - _peakShare);
        _loss += (1 - Smoothing) * (value.Loss - _loss);
        _validation = value.ValidationLoss ?? _validation;
        bool last = value.Step >= value.Steps;
        if (_redraw)
        {
            if (!last && _drawn != 0 && Stopwatch.GetElapsedTime(_drawn).TotalSeconds < RedrawSeconds)
                return;
            _drawn = Stopwatch.GetTimestamp();
            _output.Write($"\r{Fit(Describe(value), Bar(value), _width() - 1)}\u001b[K");
            _lineOpen = true;
        }
        else if (last || value.Step == _firstStep || value.ValidationLoss is not null || value.Step % Math.Max(1, value.Steps / PlainLines) == 0)
        {
            _output.WriteLine(string.Join("  ", Describe(value)));
        }
        if (last)
            EndLine();
    }

    /// <summary>Leaves the cursor on a fresh line.</summary>
    public void Dispose() => EndLine();

    private void EndLine()
    {
        if (_lineOpen)
            _output.WriteLine();
        _output.Flush();
        _lineOpen = false;
    }

    /// <summary>The parts of the line, the most wanted first.</summary>
    private List<string> Describe(in StepMetrics value)
    {
        int digits = Text($"{value.Steps}").Length;
        var parts = new List<string> { Text($"step {value.Step.ToString(CultureInfo.InvariantCulture).PadLeft(digits)}/{value.Steps}"), Text($"loss {_loss:F4}") };
        if (_validation is { } validation)
            parts.Add(Text($"validation {validation:F4}"));
        parts.Add(Text($"{value.Tokens / _milliseconds * 1e3:N0} {value.Unit ?? "tokens"}/s"));
        if (_peakShare > 0)
            parts.Add(Text($"{_peakShare * 100:F1} % of peak"));
        parts.Add(value.Step < value.Steps ? $"ETA {Clock(TimeLeft(value))}" : $"took {Clock(Stopwatch.GetElapsedTime(_begin))}");
        return parts;
    }

    /// <summary>By the wall clock, validation and saving included, once there are two steps to tell by.</summary>
    private TimeSpan TimeLeft(in StepMetrics value)
    {
        long done = value.Step - _firstStep + 1, left = value.Steps - value.Step;
        return done > 1 ? Stopwatch.GetElapsedTime(_begin) / done * left : TimeSpan.FromMilliseconds(value.Milliseconds * left);
    }

    private static string Bar(in StepMetrics value)
    {
        int full = (int)Math.Clamp(BarCells * value.Step / Math.Max(1, value.Steps), 0, BarCells);
        return new string('█', full) + new string('░', BarCells - full);
    }

    /// <summary>As many parts as the width has room for, and the bar in front of the losses where it has.</summary>
    private static string Fit(List<string> parts, string bar, int width)
    {
        while (parts.Count > 1 && parts.Sum(part => part.Length + 2) - 2 > width)
            parts.RemoveAt(parts.Count - 1);
        if (parts.Sum(part => part.Length + 2) + bar.Length <= width)
            parts.Insert(1, bar);
        string line = string.Join("  ", parts);
        return line.Length <= width ? line : line[..Math.Max(0, width)];
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? Text($"{(long)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}")
        : Text($"{time.Minutes}:{time.Seconds:D2}");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
