using ModelDsl.Compiler.Lowering;

namespace ModelDsl.Compiler.Targets.CSharpCpu;

/// <summary>C# for the processor: row kernels with SIMD, and the calls of the runtime.</summary>
public static class CSharpCpuTarget
{
    /// <summary>The calls that it has kernels for.</summary>
    public static CallRules Rules => CSharpCalls.Rules;
}
