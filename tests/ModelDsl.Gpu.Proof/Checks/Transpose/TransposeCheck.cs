using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Proof;

/// <summary>A size of <see cref="TransposeCheck"/>.</summary>
public sealed record TransposeSize(int Rows, int Columns, TensorType Type, int Matrices = 1, int SourcePadding = 0, int TargetPadding = 0)
{
    public override string ToString() => $"{Matrices} x {Rows} x {Columns} {Type}{(SourcePadding + TargetPadding > 0 ? $" +{SourcePadding} +{TargetPadding}" : "")}";
}

/// <summary>Transposes of matrices with elements of 1, 2 and 4 bytes, in whole words and not.</summary>
public sealed class TransposeCheck : Check<TransposeSize>
{
    public override string Name => "transpose";

    protected override IReadOnlyList<TransposeSize> Quick =>
    [
        new(1, 1, TensorType.F32), new(33, 65, TensorType.F32, 2), new(32, 64, TensorType.F32), new(67, 129, TensorType.BF16, 3),
        new(64, 128, TensorType.BF16), new(131, 77, TensorType.F8E5M2, 2, 3, 1), new(128, 256, TensorType.F8E4M3), new(40, 70, TensorType.BF16, 2, 6, 8),
    ];

    protected override IReadOnlyList<TransposeSize> Full =>
        [new(1025, 2050, TensorType.F32), new(512, 1024, TensorType.BF16, 3), new(1023, 1025, TensorType.F8E4M3), new(6, 10, TensorType.F32, 70_001)];

    protected override void Run(CheckRun run, TransposeSize size)
    {
        int sourceStride = size.Columns + size.SourcePadding, targetStride = size.Rows + size.TargetPadding;
        var source = run.Normal("source", size.Matrices * size.Rows * sourceStride, size.Type);
        var target = run.Output("target", size.Matrices * size.Columns * targetStride, size.Type);
        new GpuTranspose(run.Device).Run(run.Stream, new()
        {
            Source = source, Target = target, ElementSize = size.Type.Bits() / 8, Rows = size.Rows, Columns = size.Columns,
            SourceStride = sourceStride, TargetStride = targetStride, Matrices = size.Matrices,
        });
        var reference = new double[target.Count];
        Array.Fill(reference, double.NaN); // padding does not change
        for (int b = 0; b < size.Matrices; b++)
            for (int r = 0; r < size.Rows; r++)
                for (int c = 0; c < size.Columns; c++)
                    reference[(b * size.Columns + c) * targetStride + r] = source.Values[(b * size.Rows + r) * sourceStride + c];
        run.Expect(target, reference, 0);
    }
}
