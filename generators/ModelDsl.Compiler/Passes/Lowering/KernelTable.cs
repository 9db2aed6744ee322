using System.Collections.Generic;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>The kernels of a model, each once whatever asks for it.</summary>
public sealed class KernelTable
{
    private readonly List<Kernel> _kernels = [];
    private readonly Dictionary<string, string> _nameOf = [];
    private readonly NameTable _names = new();

    /// <summary>In order of first use.</summary>
    public IReadOnlyList<Kernel> Kernels => _kernels;

    /// <summary>The name under which this kernel is emitted: that of an equal one where there is one.</summary>
    public string Add(Kernel kernel)
    {
        string body = (kernel with { Name = "" }).ToText();
        if (_nameOf.TryGetValue(body, out var known)) return known;
        string name = _names.Unique(kernel.Name + "Kernel");
        _nameOf.Add(body, name);
        _kernels.Add(kernel with { Name = name });
        return name;
    }
}
