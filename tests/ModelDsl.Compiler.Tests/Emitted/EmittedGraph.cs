using ModelDsl.Runtime;

namespace ModelDsl.Compiler.Tests.Emitted;

/// <summary>What <see cref="GraphCompiler"/> derives a class from for each graph: the members that emitted steps refer to.</summary>
public abstract unsafe class EmittedGraph
{
    private MemoryPlan _plan = new();
    private byte* _scratch;

    protected Device _device = null!;
    protected float* _weights, _gradients;
    protected void** _inputs;
    protected bool _accumulate;
    protected float GradientScale = 1;
    protected ulong Seed;
    protected long Step;

    /// <summary>Plans the memory; returns the bytes of scratch.</summary>
    public long Prepare() => (_plan = PlanForward()).Bytes;

    /// <summary>The place of a result among the outputs of <see cref="Run"/>.</summary>
    public abstract int Place(string result);

    protected abstract MemoryPlan PlanForward();

    protected abstract void Forward(float** outputs);

    protected float* Floats(int block) => (float*)(_scratch + _plan[block]);

    protected int* Ints(int block) => (int*)(_scratch + _plan[block]);

    public void Run(Device device, float* weights, float* gradients, byte* scratch, void** inputs, ulong seed, float** outputs)
    {
        (_device, Seed) = (device, seed);
        _weights = weights;
        _gradients = gradients;
        _scratch = scratch;
        _inputs = inputs;
        Forward(outputs);
    }
}
