using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

public enum DType { F32, I32, Bool }

/// <summary>The sizes of a tensor's axes, outermost first.</summary>
public sealed class Shape : IEquatable<Shape>
{
    public static readonly Shape Scalar = new([]);
    private readonly EquatableArray<Polynomial> _sizes;

    public Shape(IEnumerable<Polynomial> sizes) => _sizes = sizes.ToEquatableArray();
    public Shape(params Polynomial[] sizes) => _sizes = sizes;

    public int Rank => _sizes.Count;
    public Polynomial this[int axis] => _sizes[axis < 0 ? Rank + axis : axis];
    public IReadOnlyList<Polynomial> Sizes => _sizes;
    public Polynomial Count => _sizes.Aggregate(Polynomial.One, (product, size) => product * size);

    /// <summary>This with one axis resized.</summary>
    public Shape With(int axis, Polynomial size) => new(_sizes.Select((s, i) => i == (axis < 0 ? Rank + axis : axis) ? size : s));

    public bool Equals(Shape? other) => other is not null && _sizes.Equals(other._sizes);
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);
    public override int GetHashCode() => _sizes.GetHashCode();
    public override string ToString() => $"[{string.Join(", ", _sizes)}]";
}

/// <summary>What an edge of the graph carries.</summary>
public sealed record TensorType(DType DType, Shape Shape)
{
    public override string ToString() => $"{DType.ToString().ToLowerInvariant()}{Shape}";
}
