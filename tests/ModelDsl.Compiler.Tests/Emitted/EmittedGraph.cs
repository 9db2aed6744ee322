using ModelDsl.Runtime;

namespace ModelDsl.Compiler.Tests.Emitted;

/// <summary>What <see cref="GraphCompiler"/> derives a class from for each graph: the fields that launch lists speak of.</summary>
public abstract unsafe class EmittedGraph
{
    protected Device _device = null!;
    protected float* _weights, _gradients, _scratch;
    protected void** _inputs;
    protected bool _accumulate;
    protected float GradientScale = 1;
    protected ulong Seed;
    protected long Step;

    /// <summary>Plans the memory; returns the floats of scratch.</summary>
    public abstract long Prepare();

    protected abstract void Execute();

    /// <summary>Where a result begins in scratch, in floats.</summary>
    public abstract long Result(string name);

    public void Run(Device device, float* weights, float* gradients, float* scratch, void** inputs, ulong seed)
    {
        (_device, Seed) = (device, seed);
        _weights = weights;
        _gradients = gradients;
        _scratch = scratch;
        _inputs = inputs;
        Execute();
    }
}
