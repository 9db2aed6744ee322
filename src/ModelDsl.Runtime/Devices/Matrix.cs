namespace ModelDsl.Runtime;

/// <summary>
/// A row-major matrix in device memory. <paramref name="Stride"/> is the number of elements from one stored row to the
/// next; <paramref name="Transposed"/> says that the operand is the transpose of what is stored.
/// </summary>
public readonly unsafe record struct Matrix(float* Data, int Stride, bool Transposed = false);
