using System.Linq;
using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Loops;
using ModelDsl.Compiler.Passes.Decode;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>Where a cache stands: its keys, then its values, each [Layers, B, Room, heads, width], Room being how many positions there is room for.</summary>
public sealed class CacheStorage
{
    public const string Room = "Room";

    public CacheStorage(Cache cache)
    {
        Keys = Part(cache, "Keys", cache.KeyWidth);
        Values = Part(cache, "Values", cache.ValueWidth);
    }

    public Storage Keys { get; }
    public Storage Values { get; }

    private static Storage Part(Cache cache, string part, Polynomial width)
    {
        string member = string.Concat(cache.Handle.Split('.').Where(p => p != "{}").Select(Naming.Pascal));
        return new Storage(Naming.Camel(member) + part, StorageKind.Cache, cache.Handle + "." + part, DType.F32,
            new Shape(cache.Layers, Polynomial.Symbol("B"), Polynomial.Symbol(Room), cache.Heads, width));
    }
}
