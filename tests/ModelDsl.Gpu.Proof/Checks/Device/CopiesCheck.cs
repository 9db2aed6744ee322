namespace ModelDsl.Gpu.Proof;

/// <summary>Copies inside the device and fills touch the bytes they name and no others.</summary>
public sealed class CopiesCheck : Check<int>
{
    public override string Name => "copies and fills";

    protected override IReadOnlyList<int> Quick => [1, 63, 4097];

    protected override IReadOnlyList<int> Full => [20_000_003];

    protected override void Run(CheckRun run, int count)
    {
        var source = run.Uniform("source", count);
        var copy = run.Output("copy", count);
        var zeros = run.Output("zeros", count);
        run.Stream.Copy(copy, source, count * 4L);
        run.Stream.Fill(zeros, 0, count * 4L);
        run.Expect(copy, source.Values, 0);
        run.Expect(zeros, new double[count], 0);
    }
}
