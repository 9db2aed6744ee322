using System.Runtime.InteropServices;

namespace ModelDsl.Runtime.Tests;

/// <summary>Floats in native memory, NaN at first, with a margin of NaN on both sides that must stay.</summary>
internal sealed unsafe class NativeFloats : IDisposable
{
    private const int Margin = 32;
    private readonly float* _all;

    public NativeFloats(int count)
    {
        Count = count;
        _all = (float*)NativeMemory.AlignedAlloc((nuint)(4L * (count + 2 * Margin)), 64);
        new Span<float>(_all, count + 2 * Margin).Fill(float.NaN);
    }

    public NativeFloats(int count, int seed, float range = 1) : this(count)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++) Pointer[i] = range * (2 * random.NextSingle() - 1);
    }

    public int Count { get; }
    public float* Pointer => _all + Margin;
    public Span<float> Span => new(Pointer, Count);
    public ref float this[int i] => ref Span[i];

    public void AssertMargins()
    {
        for (int i = 0; i < Margin; i++) Assert.True(float.IsNaN(_all[i]) && float.IsNaN(Pointer[Count + i]), "margin");
    }

    public void Dispose() => NativeMemory.AlignedFree(_all);
}
