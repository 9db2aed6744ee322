using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes.Decode;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>What the regions of one launch list share: the model's kernels, and its own storage and names.</summary>
public sealed class ProgramBuilder(KernelTable kernels, IEnumerable<Cache> caches)
{
    private readonly Dictionary<string, CacheStorage> _caches = caches.ToDictionary(c => c.Handle, c => new CacheStorage(c));
    private readonly NameTable _names = new();
    private readonly List<Storage> _storage = [];

    /// <summary>Scratch, in order of allocation.</summary>
    public IReadOnlyList<Storage> Storage => _storage;

    /// <summary>The memory of an attention in a graph for inference.</summary>
    public CacheStorage Cache(string handle) => _caches[handle];

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
