using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>Group, thread and grid along three axes; ELEMENT and ROW.</summary>
public sealed class IndexCheck : Check<(int X, int Y, int Z)>
{
    // A unique number for each combination: group, thread and sizes as decimal digits.
    private const string Source = """
        KERNEL(number)(GLOBAL int* digits, GLOBAL int64* elements, GLOBAL int* rows)
        {
            int group = (GROUP_ID(2) * GROUPS(1) + GROUP_ID(1)) * GROUPS(0) + GROUP_ID(0);
            int thread = (LOCAL_ID(2) * GROUP_SIZE(1) + LOCAL_ID(1)) * GROUP_SIZE(0) + LOCAL_ID(0);
            int i = group * GROUP_SIZE(0) * GROUP_SIZE(1) * GROUP_SIZE(2) + thread;
            digits[i] = ((((GROUP_ID(0) * 10 + GROUP_ID(1)) * 10 + GROUP_ID(2)) * 10 + LOCAL_ID(0)) * 10 + LOCAL_ID(1)) * 10 + LOCAL_ID(2);
            elements[i] = ELEMENT;
            rows[i] = ROW;
        }
        """;

    public override string Name => "dialect indices";

    protected override IReadOnlyList<(int X, int Y, int Z)> Quick => [(1, 1, 1), (3, 2, 5), (4, 3, 2)];

    protected override void Run(CheckRun run, (int X, int Y, int Z) size)
    {
        var grid = new KernelGrid(size.X, size.Z, size.Y, size.X, size.Z, size.Y);
        int count = grid.GroupsX * grid.SizeX * grid.GroupsY * grid.SizeY * grid.GroupsZ * grid.SizeZ;
        CheckBuffer digits = run.Output("digits", count, TensorType.I32), elements = run.Output("elements", count, TensorType.I64), rows = run.Output("rows", count, TensorType.I32);
        run.Device.Compile(new KernelSource("indices.c", Source))["number"].Launch(run.Stream, grid, digits, elements, rows);
        var threads =
            from gz in Enumerable.Range(0, grid.GroupsZ)
            from gy in Enumerable.Range(0, grid.GroupsY)
            from gx in Enumerable.Range(0, grid.GroupsX)
            from z in Enumerable.Range(0, grid.SizeZ)
            from y in Enumerable.Range(0, grid.SizeY)
            from x in Enumerable.Range(0, grid.SizeX)
            select (Digits: ((((gx * 10 + gy) * 10 + gz) * 10 + x) * 10 + y) * 10 + z, Element: gx * grid.SizeX + x, Row: gx);
        run.Expect(digits, [.. threads.Select(thread => (double)thread.Digits)], 0);
        run.Expect(elements, [.. threads.Select(thread => (double)thread.Element)], 0);
        run.Expect(rows, [.. threads.Select(thread => (double)thread.Row)], 0);
    }
}
