namespace Examples.Shared;

/// <summary>
/// Generated handwriting: the ten digits as strokes, bent, rotated, moved and drawn with a different pen each time, in
/// images of 28 by 28 pixels from 0 (paper) to 1 (ink). The same seed draws the same digits.
/// </summary>
internal sealed class DrawnDigits
{
    public const int Side = 28, Pixels = Side * Side;

    /// <summary>Corners of each digit's stroke in the unit square, x to the right and y down.</summary>
    private static readonly (float X, float Y)[][] Strokes =
    [
        [(.5f, .1f), (.72f, .2f), (.8f, .5f), (.72f, .8f), (.5f, .9f), (.28f, .8f), (.2f, .5f), (.28f, .2f), (.5f, .1f)],
        [(.35f, .25f), (.55f, .1f), (.55f, .9f)],
        [(.22f, .3f), (.3f, .15f), (.5f, .1f), (.7f, .17f), (.76f, .33f), (.68f, .5f), (.22f, .9f), (.8f, .9f)],
        [(.25f, .15f), (.5f, .1f), (.72f, .2f), (.72f, .37f), (.5f, .48f), (.74f, .6f), (.75f, .78f), (.5f, .9f), (.24f, .83f)],
        [(.62f, .9f), (.62f, .1f), (.2f, .65f), (.82f, .65f)],
        [(.75f, .1f), (.3f, .1f), (.26f, .45f), (.52f, .4f), (.75f, .53f), (.76f, .75f), (.52f, .9f), (.24f, .82f)],
        [(.68f, .13f), (.42f, .25f), (.25f, .55f), (.3f, .8f), (.5f, .9f), (.72f, .8f), (.74f, .62f), (.55f, .5f), (.33f, .58f), (.26f, .7f)],
        [(.2f, .1f), (.8f, .1f), (.45f, .9f)],
        [(.5f, .48f), (.28f, .35f), (.32f, .15f), (.5f, .1f), (.68f, .15f), (.72f, .35f), (.5f, .48f), (.75f, .65f), (.7f, .85f), (.5f, .9f), (.3f, .85f), (.25f, .65f), (.5f, .48f)],
        [(.74f, .35f), (.6f, .48f), (.4f, .48f), (.26f, .35f), (.3f, .15f), (.5f, .1f), (.72f, .18f), (.75f, .4f), (.68f, .7f), (.5f, .9f)],
    ];

    public DrawnDigits(int count, int seed)
    {
        (Count, Images, Labels) = (count, new float[count * Pixels], new int[count]);
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            Labels[i] = random.Next(Strokes.Length);
            Draw(Bend(Strokes[Labels[i]], random), Between(random, 0.03f, 0.07f), Images.AsSpan(i * Pixels, Pixels));
        }
    }

    public int Count { get; }

    /// <summary>The pixels, image by image and row by row.</summary>
    public float[] Images { get; }

    public int[] Labels { get; }

    public ReadOnlySpan<float> Image(int index) => Images.AsSpan(index * Pixels, Pixels);

    /// <summary>Prints images side by side as text, two rows of pixels per line.</summary>
    public static void Print(params ReadOnlySpan<float[]> images)
    {
        const string Shades = " .:-=+*#%@";
        for (int y = 0; y < Side; y += 2)
        {
            foreach (float[] image in images)
            {
                for (int x = 0; x < Side; x++)
                    Console.Write(Shades[(int)(Math.Clamp((image[y * Side + x] + image[(y + 1) * Side + x]) / 2, 0, 1) * (Shades.Length - 1) + 0.5f)]);
                Console.Write("  ");
            }
            Console.WriteLine();
        }
    }

    /// <summary>Rotates, shears, stretches and moves a stroke, and shifts each corner a little.</summary>
    private static (float X, float Y)[] Bend((float X, float Y)[] stroke, Random random)
    {
        float angle = Between(random, -0.25f, 0.25f), shear = Between(random, -0.25f, 0.25f);
        float width = Between(random, 0.55f, 0.85f), height = Between(random, 0.65f, 0.85f);
        float left = 0.5f + Between(random, -0.08f, 0.08f), top = 0.5f + Between(random, -0.08f, 0.08f);
        var (sine, cosine) = MathF.SinCos(angle);
        return Array.ConvertAll(stroke, point =>
        {
            float x = (point.X - 0.5f + Between(random, -0.04f, 0.04f)) * width, y = (point.Y - 0.5f + Between(random, -0.04f, 0.04f)) * height;
            x += shear * y;
            return (left + cosine * x - sine * y, top + sine * x + cosine * y);
        });
    }

    private static void Draw((float X, float Y)[] stroke, float pen, Span<float> image)
    {
        for (int i = 0; i < Pixels; i++)
        {
            float x = (i % Side + 0.5f) / Side, y = (i / Side + 0.5f) / Side, nearest = float.PositiveInfinity;
            for (int corner = 1; corner < stroke.Length; corner++)
                nearest = Math.Min(nearest, Distance(x, y, stroke[corner - 1], stroke[corner]));
            image[i] = Math.Clamp((pen - nearest) * Side + 0.5f, 0, 1); // an edge of one pixel
        }
    }

    /// <summary>The distance from a point to a segment.</summary>
    private static float Distance(float x, float y, (float X, float Y) a, (float X, float Y) b)
    {
        float dx = b.X - a.X, dy = b.Y - a.Y;
        float along = Math.Clamp(((x - a.X) * dx + (y - a.Y) * dy) / (dx * dx + dy * dy + 1e-9f), 0, 1);
        return MathF.Sqrt((x - a.X - along * dx) * (x - a.X - along * dx) + (y - a.Y - along * dy) * (y - a.Y - along * dy));
    }

    private static float Between(Random random, float low, float high) => low + (high - low) * random.NextSingle();
}
