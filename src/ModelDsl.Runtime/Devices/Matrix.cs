namespace ModelDsl.Runtime;

/// <summary>
/// A row-major matrix in device memory. <paramref name="stride"/> is the number of elements from one stored row to the
/// next; <paramref name="transposed"/> says that the operand is the transpose of what is stored.
/// </summary>
public readonly unsafe struct Matrix(float* data, int stride, bool transposed = false)
{
    public float* Data { get; } = data;
    public int Stride { get; } = stride;
    public bool Transposed { get; } = transposed;
}
