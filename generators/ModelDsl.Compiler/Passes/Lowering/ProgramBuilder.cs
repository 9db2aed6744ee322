using System.Collections.Generic;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Loops;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>What the regions of one launch list share: the model's kernels, and its own storage and names.</summary>
public sealed class ProgramBuilder(KernelTable kernels)
{
    private readonly NameTable _names = new();
    private readonly List<Storage> _storage = [];

    /// <summary>Scratch, in order of allocation.</summary>
    public IReadOnlyList<Storage> Storage => _storage;

    public string AddKernel(Kernel kernel) => kernels.Add(kernel);

    public Storage AddStorage(string name, DType type, Shape shape)
    {
        var storage = new Storage(Unique(name), StorageKind.Scratch, "", type, shape);
        _storage.Add(storage);
        return storage;
    }

    /// <summary>A name that no storage and no loop of this launch list has yet.</summary>
    public string Unique(string name) => _names.Unique(name);
}
