using ModelDsl.Runtime;

namespace ModelDsl.Bench.Gemm;

/// <summary>The memory of one case: one set of operands or, for cold caches, as many in turn as no cache holds.</summary>
internal sealed unsafe class GemmOperands : IDisposable
{
    private const long ColdBytes = 256L << 20;

    private readonly GemmCase _case;
    private readonly DeviceMemory _memory;
    private readonly long _sets;
    private long _calls;

    public GemmOperands(Device device, GemmCase c, bool cold)
    {
        _case = c;
        _sets = cold ? Math.Max(2, ColdBytes / (FloatsASet * sizeof(float))) : 1;
        _memory = device.Allocate(_sets * FloatsASet * sizeof(float));
        var random = new Random(1);
        float* pointer = (float*)_memory.Pointer;
        for (long i = 0; i < _sets * FloatsASet; i++)
            pointer[i] = random.NextSingle() - 0.5f;
    }

    private long FloatsASet => Lines(_case.M, _case.K) + Lines(_case.K, _case.N) + Lines(_case.M, _case.N);

    public void Next(out float* a, out float* b, out float* c)
    {
        a = (float*)_memory.Pointer + _calls++ % _sets * FloatsASet;
        b = a + Lines(_case.M, _case.K);
        c = b + Lines(_case.K, _case.N);
    }

    public void Dispose() => _memory.Dispose();

    private static long Lines(long rows, long columns) => (rows * columns + 15) / 16 * 16;
}
