using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Loops;

public enum StorageKind { Scratch, Weight, Gradient, Input, Cache }

/// <summary>A block of memory of a step. Scratch is placed by liveness; the rest is given by the caller.</summary>
/// <param name="name">As emitted code names its pointer.</param>
/// <param name="source">The weight, input or cache that it is; empty for scratch.</param>
public sealed class Storage(string name, StorageKind kind, string source, DType type, Shape shape)
{
    public string Name { get; } = name;
    public StorageKind Kind { get; } = kind;
    public string Source { get; } = source;
    public DType Type { get; } = type;
    public Shape Shape { get; } = shape;
    public Polynomial Count => Shape.Count;
    public override string ToString() => Name;
}
