using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Runtime.Tests.Cpu;

/// <summary>
/// A matrix with random values in device memory, its rows further apart than they are long; everything that is not an
/// element holds a canary.
/// </summary>
internal sealed unsafe class GuardedMatrix : IDisposable
{
    private const float Canary = -7.25e11f;
    private const int Margin = 80; // whole cache lines, so that rows can be aligned

    private readonly CpuMemory _memory;
    private readonly int _rows, _columns, _stride;

    public GuardedMatrix(int rows, int columns, int gap, int seed)
    {
        (_rows, _columns, _stride) = (rows, columns, columns + gap);
        Floats = 2 * Margin + rows * _stride;
        _memory = new CpuMemory(Floats * sizeof(float));
        var random = new Random(seed);
        new Span<float>(_memory.Pointer, Floats).Fill(Canary);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                Data[i * _stride + j] = random.NextSingle() * 2 - 1;
    }

    public int Floats { get; }

    public float* Data => (float*)_memory.Pointer + Margin;

    public ref float this[int i, int j] => ref Data[(long)i * _stride + j];

    public Matrix View(bool transposed = false) => new(Data, _stride, transposed);

    public ReadOnlySpan<float> Everything => new(_memory.Pointer, Floats);

    public void AssertCanaries()
    {
        var all = Everything;
        for (int i = 0; i < all.Length; i++)
        {
            int row = (i - Margin) / _stride, column = (i - Margin) % _stride;
            bool element = i >= Margin && row < _rows && column < _columns;
            if (!element && all[i] != Canary)
                Assert.Fail($"Something was written outside the matrix, at row {row}, column {column}.");
        }
    }

    public void Dispose() => _memory.Dispose();
}
