using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Concurrent atomic additions by all threads lose nothing; with integers, so the order does not matter.</summary>
public sealed class AtomicCheck : Check<int>
{
    private const int Counters = 7;

    private const string Source = """
        KERNEL(count)(GLOBAL int* totals, GLOBAL float* sums, GLOBAL int* turns, int n)
        {
            SHARED int taken[1];
            if (LOCAL_ID(0) == 0)
                taken[0] = 0;
            BARRIER();
            int i = (int)ELEMENT;
            if (i < n)
            {
                ATOMIC_ADD_INT(totals + i % 7, i % 5);
                ATOMIC_ADD_FLOAT(sums + i % 7, (float)(i % 3));
                turns[GROUP_ID(0) * GROUP_SIZE(0) + ATOMIC_ADD_INT(taken, 1)] = 1;
            }
        }
        """;

    public override string Name => "dialect atomics";

    protected override IReadOnlyList<int> Quick => [1, 1000, 20_011];

    protected override void Run(CheckRun run, int count)
    {
        CheckBuffer totals = run.InPlace("totals", new double[Counters], TensorType.I32), sums = run.InPlace("sums", new double[Counters]);
        var turns = run.Output("turns", count, TensorType.I32);
        run.Device.Compile(new KernelSource("atomics.c", Source))["count"].Launch(run.Stream, KernelGrid.Elements(count, 64), totals, sums, turns, count);
        double[] expectedTotals = new double[Counters], expectedSums = new double[Counters];
        for (int i = 0; i < count; i++)
        {
            expectedTotals[i % Counters] += i % 5;
            expectedSums[i % Counters] += i % 3;
        }
        run.Expect(totals, expectedTotals, 0);
        run.Expect(sums, expectedSums, 0);
        run.Expect(turns, [.. Enumerable.Repeat(1.0, count)], 0); // every turn of a group was given once
    }
}
