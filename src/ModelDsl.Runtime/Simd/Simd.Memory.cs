using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelDsl.Runtime;

/// <summary>
/// Loads and stores of whole vectors and of the last, partial vector of a row. A count is the number of elements that
/// are left; 16 or more is a whole vector, and no byte beyond the count is touched.
/// </summary>
public static unsafe partial class Simd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* p) => *(Vector512<float>*)p;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* p, Vector512<float> v) => *(Vector512<float>*)p = v;

    /// <summary>The first <paramref name="count"/> elements at p, then zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* p, int count) => count >= Width ? *(Vector512<float>*)p : LoadPart(p, count);

    /// <summary>Writes the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* p, Vector512<float> v, int count)
    {
        if (count >= Width) *(Vector512<float>*)p = v;
        else StorePart(p, v, count);
    }

    /// <summary>v with the lanes from <paramref name="count"/> on set to zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Keep(Vector512<float> v, int count) => count >= Width ? v : v & First(count);

    /// <summary>v with the lanes from <paramref name="count"/> on set to <paramref name="fill"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Keep(Vector512<float> v, int count, float fill) =>
        count >= Width ? v : Vector512.ConditionalSelect(First(count), v, Splat(fill));

    /// <summary>v with the lanes below <paramref name="begin"/> and from <paramref name="end"/> on set to <paramref name="fill"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> KeepBetween(Vector512<float> v, int begin, int end, float fill) =>
        Vector512.ConditionalSelect(Vector512.AndNot(First(end), First(begin)), v, Splat(fill));

    /// <summary>p[0], p[stride], p[2 stride], ..., <paramref name="count"/> of them at most, then zeros.</summary>
    public static Vector512<float> Gather(float* p, int stride, int count)
    {
        Vector512<float> v = default;
        float* lanes = (float*)&v;
        for (int i = Math.Min(count, Width) - 1; i >= 0; i--) lanes[i] = p[(long)i * stride];
        return v;
    }

    /// <summary>The first <paramref name="count"/> integers at p as floats, exact below 2^24, then zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(int* p, int count) => Vector512.ConvertToSingle(Load((float*)p, count).AsInt32());

    /// <summary>Writes the first <paramref name="count"/> lanes as integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* p, Vector512<float> v, int count) => Store((float*)p, Vector512.ConvertToInt32(v).AsSingle(), count);

    /// <summary>p[0], p[stride], ... = the first <paramref name="count"/> lanes.</summary>
    public static void Scatter(float* p, int stride, Vector512<float> v, int count)
    {
        float* lanes = (float*)&v;
        for (int i = Math.Min(count, Width) - 1; i >= 0; i--) p[(long)i * stride] = lanes[i];
    }

    /// <summary>The mask of the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(int count) =>
        Vector512.GreaterThan(Vector512.Create(count), Vector512<int>.Indices).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadPart(float* p, int count)
    {
        if (Avx512F.IsSupported) return Avx512F.MaskLoad(p, First(count), default);
        return LoadHalves(p, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePart(float* p, Vector512<float> v, int count)
    {
        if (Avx512F.IsSupported) { Avx512F.MaskStore(p, First(count), v); return; }
        StoreHalves(p, v, count);
    }

    private static Vector512<float> LoadHalves(float* p, int count)
    {
        Vector512<float> mask = First(count);
        if (Avx.IsSupported) return Vector512.Create(Avx.MaskLoad(p, mask.GetLower()), Avx.MaskLoad(p + 8, mask.GetUpper()));
        Vector512<float> v = default;
        for (int i = 0; i < count; i++) ((float*)&v)[i] = p[i];
        return v;
    }

    private static void StoreHalves(float* p, Vector512<float> v, int count)
    {
        Vector512<float> mask = First(count);
        if (Avx.IsSupported)
        {
            Avx.MaskStore(p, mask.GetLower(), v.GetLower());
            Avx.MaskStore(p + 8, mask.GetUpper(), v.GetUpper());
            return;
        }
        for (int i = 0; i < count; i++) p[i] = ((float*)&v)[i];
    }
}
