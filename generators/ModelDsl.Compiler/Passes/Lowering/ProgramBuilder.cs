using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>What the regions of a program share: its kernels, each once, and its buffers, each named once.</summary>
public sealed class ProgramBuilder
{
    private readonly Dictionary<string, Kernel> _kernels = [];
    private readonly Dictionary<string, string> _kernelOf = [];
    private readonly Dictionary<string, int> _names = [];
    private readonly List<Storage> _storage = [];

    /// <summary>In order of first use.</summary>
    public IEnumerable<Kernel> Kernels => _kernels.Values;

    /// <summary>Scratch.</summary>
    public IReadOnlyList<Storage> Storage => _storage;

    /// <summary>The name under which this kernel is emitted: that of an equal one where there is one.</summary>
    public string AddKernel(Kernel kernel)
    {
        string body = (kernel with { Name = "", Documentation = default }).ToText();
        if (_kernelOf.TryGetValue(body, out var known)) return known;
        string name = Unique(kernel.Name, "");
        _kernelOf.Add(body, name);
        _kernels.Add(name, kernel with { Name = name });
        return name;
    }

    public Storage AddStorage(string name, DType type, Shape shape)
    {
        var storage = new Storage(Unique(name, ""), StorageKind.Scratch, "", type, shape);
        _storage.Add(storage);
        return storage;
    }

    /// <summary>The name, or the name with the lowest number that is free.</summary>
    public string Unique(string name, string separator)
    {
        if (!_names.TryGetValue(name, out int count))
        {
            _names.Add(name, 1);
            return name;
        }
        string candidate;
        do candidate = name + separator + ++count; while (_names.ContainsKey(candidate));
        _names[name] = count;
        _names.Add(candidate, 1);
        return candidate;
    }
}
