using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Cpu;

/// <summary>The matrix product against sums in double, on every instruction set that this processor has.</summary>
public sealed unsafe class GemmTests
{
    // Primes, ones, multiples of tiles and their neighbours; K over one and over several K blocks; few rows.
    private static readonly (int M, int N, int K)[] s_sizes =
    [
        (1, 1, 1), (1, 97, 53), (2, 64, 384), (3, 50, 769), (5, 17, 31), (7, 129, 130), (8, 48, 384), (9, 49, 385),
        (8, 1, 1000), (13, 65, 17), (16, 33, 1), (31, 113, 71), (48, 64, 768), (64, 16, 400), (257, 65, 37),
        (300, 97, 401), (41, 1601, 19), (1, 2003, 769), (4, 1031, 96), (12, 12, 0), (1, 5, 0),
    ];

    public static TheoryData<CpuIsa, bool, bool, bool> Cases()
    {
        var cases = new TheoryData<CpuIsa, bool, bool, bool>();
        foreach (var isa in Enum.GetValues<CpuIsa>().Where(isa => isa <= CpuInfo.BestIsa))
            foreach (bool transposeA in new[] { false, true })
                foreach (bool transposeB in new[] { false, true })
                    foreach (bool accumulate in new[] { false, true })
                        cases.Add(isa, transposeA, transposeB, accumulate);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void EqualsDoubleSumsWithinTheRoundingBound(CpuIsa isa, bool transposeA, bool transposeB, bool accumulate)
    {
        foreach (int threads in new[] { 1, 3 })
        {
            using var device = new CpuDevice(threads, isa);
            foreach (var (m, n, k) in s_sizes)
                foreach (int gap in new[] { 0, 13 })
                    Check(device, m, n, k, transposeA, transposeB, accumulate, gap);
        }
    }

    private static void Check(
        CpuDevice device, int m, int n, int k, bool transposeA, bool transposeB, bool accumulate, int gap)
    {
        using var a = transposeA ? new GuardedMatrix(k, m, gap, 1) : new GuardedMatrix(m, k, gap, 1);
        using var b = transposeB ? new GuardedMatrix(n, k, gap, 2) : new GuardedMatrix(k, n, gap, 2);
        using var c = new GuardedMatrix(m, n, gap, 3);
        using var before = new GuardedMatrix(m, n, gap, 3);
        if (!accumulate)
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                    c[i, j] = float.NaN; // what is overwritten is not read

        device.MatMul(m, n, k, a.View(transposeA), b.View(transposeB), c.View(), accumulate, default(NoEpilogue));

        c.AssertCanaries();
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
            {
                double sum = accumulate ? before[i, j] : 0, magnitude = Math.Abs(sum);
                for (int p = 0; p < k; p++)
                {
                    double product = (double)(transposeA ? a[p, i] : a[i, p]) * (transposeB ? b[j, p] : b[p, j]);
                    sum += product;
                    magnitude += Math.Abs(product);
                }
                // Any order of k rounded products and k rounded sums: gamma(k + 1) (Higham, 2002, section 3.1); twice
                // that where the product is rounded apart from the sum is still within gamma(k + 2).
                double rounding = (k + 2) * Math.Pow(2, -24), bound = rounding / (1 - rounding) * magnitude;
                double error = Math.Abs(c[i, j] - sum);
                if (!(error <= bound))
                    Assert.Fail($"{m}x{n}x{k} gap {gap}, element [{i}, {j}]: {c[i, j]} is not {sum} within {bound:G3}.");
            }
    }
}
