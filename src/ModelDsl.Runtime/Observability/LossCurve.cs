using System.Globalization;
using System.Security;
using System.Text;

namespace ModelDsl.Runtime;

/// <summary>
/// The losses of a run as an SVG picture: training as it was (thin), training smoothed, validation with its points. Tones
/// are chosen to be read on a light and on a dark page; the background is the page's.
/// </summary>
public static class LossCurve
{
    private const double Width = 960, Height = 540, Left = 76, Right = 36, Top = 84, Bottom = 56;
    private const int MostColumns = 440;
    private const string Training = "#3b82f6", Validation = "#ea580c", Ink = "#737b87";

    /// <summary>Draws a picture and writes it as a whole.</summary>
    /// <exception cref="CheckpointException">It could not be saved.</exception>
    public static void Write(string path, IReadOnlyList<StepMetrics> metrics, string title)
    {
        byte[] svg = Encoding.UTF8.GetBytes(Draw(metrics, title));
        AtomicFile.Write(path, svg.Length, stream => stream.Write(svg));
    }

    /// <summary>The picture's text.</summary>
    public static string Draw(IReadOnlyList<StepMetrics> metrics, string title)
    {
        var losses = metrics.Where(m => float.IsFinite(m.Loss)).Select(m => (X: (double)m.Step, Y: (double)m.Loss)).ToArray();
        var validations = metrics.Where(m => m.ValidationLoss is { } v && float.IsFinite(v))
            .Select(m => (X: (double)m.Step, Y: (double)m.ValidationLoss!.Value)).ToArray();
        int window = Math.Clamp(losses.Length / 50, 1, 500);
        var smooth = Smooth(losses, window);
        var picture = new StringBuilder();
        Add(picture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="14">""");
        Add(picture, $"""<title>{Escape(title)}</title>""");
        Add(picture, $"""<text x="{Left}" y="32" font-size="19" font-weight="600" fill="{Ink}">{Escape(title)}</text>""");
        if (losses.Length == 0)
            Add(picture, $"""<text x="{Width / 2}" y="{Height / 2}" text-anchor="middle" fill="{Ink}">no steps yet</text>""");
        else
            DrawCurves(picture, losses, smooth, validations, window);
        return picture.Append("</svg>\n").ToString();
    }

    private static void DrawCurves(
        StringBuilder picture, (double X, double Y)[] losses, (double X, double Y)[] smooth, (double X, double Y)[] validations, int window)
    {
        // Rare spikes are cut off at the top rather than allowed to flatten all the rest.
        double most = losses.Select(point => point.Y).Order().ElementAt((int)(0.998 * (losses.Length - 1)));
        var shown = smooth.Concat(validations).Select(point => point.Y).Append(most).Append(losses.Min(point => point.Y)).ToArray();
        var x = new AxisScale(Math.Min(losses[0].X, 0), losses[^1].X, Left, Width - Right, ticks: 8, extend: false, leastStep: 1);
        var y = new AxisScale(shown.Min(), shown.Max(), Height - Bottom, Top, ticks: 6, extend: true);
        DrawAxes(picture, x, y);
        DrawLine(picture, Envelope(losses), x, y, Training, "stroke-width=\"1\" stroke-opacity=\"0.42\"");
        DrawLine(picture, Thin(smooth), x, y, Training, "stroke-width=\"2.25\"");
        DrawLine(picture, validations, x, y, Validation, "stroke-width=\"2.25\"");
        if (validations.Length <= 60)
            foreach (var (step, loss) in validations)
                Add(picture, $"""<circle cx="{x.At(step):F1}" cy="{y.At(loss):F1}" r="3.25" fill="{Validation}"/>""");
        double place = DrawLegend(picture, Left, Training, window > 1
            ? Text($"training {smooth[^1].Y:F4} (mean over {window} steps)")
            : Text($"training {smooth[^1].Y:F4}"));
        if (validations.Length > 0)
        {
            var best = validations.MinBy(point => point.Y);
            DrawLegend(picture, place, Validation, Text($"validation {validations[^1].Y:F4}, best {best.Y:F4} at step {best.X:N0}"));
        }
    }

    private static void DrawAxes(StringBuilder picture, AxisScale x, AxisScale y)
    {
        foreach (double tick in y.Ticks)
        {
            Add(picture, $"""<path d="M{Left} {y.At(tick):F1}H{Width - Right}" stroke="{Ink}" stroke-opacity="0.22"/>""");
            Add(picture, $"""<text x="{Left - 10}" y="{y.At(tick) + 5:F1}" text-anchor="end" fill="{Ink}">{y.Label(tick)}</text>""");
        }
        foreach (double tick in x.Ticks)
        {
            Add(picture, $"""<path d="M{x.At(tick):F1} {Height - Bottom}v5" stroke="{Ink}" stroke-opacity="0.7"/>""");
            Add(picture, $"""<text x="{x.At(tick):F1}" y="{Height - Bottom + 22}" text-anchor="middle" fill="{Ink}">{x.Label(tick)}</text>""");
        }
        Add(picture, $"""<path d="M{Left} {Height - Bottom}H{Width - Right}" stroke="{Ink}" stroke-opacity="0.7"/>""");
        Add(picture, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 10}" text-anchor="middle" fill="{Ink}">step</text>""");
        Add(picture, $"""<text transform="translate(20 {(Top + Height - Bottom) / 2}) rotate(-90)" text-anchor="middle" fill="{Ink}">loss</text>""");
    }

    /// <summary>Where the next entry may begin.</summary>
    private static double DrawLegend(StringBuilder picture, double place, string colour, string text)
    {
        Add(picture, $"""<path d="M{place} 56h22" stroke="{colour}" stroke-width="3" stroke-linecap="round"/>""");
        Add(picture, $"""<text x="{place + 30}" y="61" fill="{Ink}">{text}</text>""");
        return place + 30 + 7.6 * text.Length + 24;
    }

    private static void DrawLine(
        StringBuilder picture, IReadOnlyList<(double X, double Y)> points, AxisScale x, AxisScale y, string colour, string style)
    {
        if (points is [var only])
            Add(picture, $"""<circle cx="{x.At(only.X):F1}" cy="{y.At(only.Y):F1}" r="3.25" fill="{colour}"/>""");
        if (points.Count < 2)
            return;
        Add(picture, $"""<path fill="none" stroke="{colour}" {style} stroke-linejoin="round" d="M""", end: "");
        foreach (var (step, loss) in points)
            Add(picture, $"{x.At(step):F1} {y.At(loss):F1} ", end: "");
        picture.Append("\"/>\n");
    }

    /// <summary>
    /// The mean over <paramref name="window"/> points around each; over fewer at the start, where the curve is steep and a
    /// lopsided mean would stand beside it, and over those that are there at the end.
    /// </summary>
    private static (double X, double Y)[] Smooth((double X, double Y)[] points, int window)
    {
        double[] sums = new double[points.Length + 1];
        for (int i = 0; i < points.Length; i++)
            sums[i + 1] = sums[i] + points[i].Y;
        return [.. points.Select((point, i) =>
        {
            int half = Math.Min(window / 2, i), end = Math.Min(i + half + 1, points.Length);
            return (point.X, (sums[end] - sums[i - half]) / (end - i + half));
        })];
    }

    /// <summary>The least and the greatest point of each column, so that no spike is lost in a long run.</summary>
    private static List<(double X, double Y)> Envelope((double X, double Y)[] points)
    {
        if (points.Length <= 2 * MostColumns)
            return [.. points];
        var envelope = new List<(double X, double Y)>();
        foreach (var column in points.Chunk((points.Length + MostColumns - 1) / MostColumns))
        {
            var (least, greatest) = (column.MinBy(point => point.Y), column.MaxBy(point => point.Y));
            envelope.AddRange(least.X < greatest.X ? [least, greatest] : [greatest, least]);
        }
        return envelope;
    }

    /// <summary>As many points as the picture can show, the last among them.</summary>
    private static List<(double X, double Y)> Thin((double X, double Y)[] points)
    {
        int step = (points.Length + MostColumns - 1) / MostColumns;
        return [.. points.Where((_, i) => (points.Length - 1 - i) % step == 0)];
    }

    private static void Add(StringBuilder picture, FormattableString text, string end = "\n") =>
        picture.Append(text.ToString(CultureInfo.InvariantCulture)).Append(end);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
