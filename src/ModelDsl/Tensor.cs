namespace ModelDsl;

/// <summary>
/// An array of float in the body of a record. It has no values and no shape here: those exist in the
/// compiler. Its operators broadcast as in NumPy; its functions are in <see cref="Ops"/>.
/// </summary>
public sealed class Tensor
{
    private Tensor() { }

    public static Tensor operator +(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor + Tensor");
    public static Tensor operator +(Tensor a, float b) => throw CompiledOnly.Error("Tensor + float");
    public static Tensor operator +(float a, Tensor b) => throw CompiledOnly.Error("float + Tensor");

    public static Tensor operator -(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor - Tensor");
    public static Tensor operator -(Tensor a, float b) => throw CompiledOnly.Error("Tensor - float");
    public static Tensor operator -(float a, Tensor b) => throw CompiledOnly.Error("float - Tensor");

    public static Tensor operator *(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor * Tensor");
    public static Tensor operator *(Tensor a, float b) => throw CompiledOnly.Error("Tensor * float");
    public static Tensor operator *(float a, Tensor b) => throw CompiledOnly.Error("float * Tensor");

    public static Tensor operator /(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor / Tensor");
    public static Tensor operator /(Tensor a, float b) => throw CompiledOnly.Error("Tensor / float");
    public static Tensor operator /(float a, Tensor b) => throw CompiledOnly.Error("float / Tensor");

    public static Tensor operator -(Tensor a) => throw CompiledOnly.Error("-Tensor");

    /// <summary>1 where the comparison holds, 0 elsewhere. No gradient flows through a comparison.</summary>
    public static Tensor operator <(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor < Tensor");

    /// <inheritdoc cref="op_LessThan(Tensor, Tensor)"/>
    public static Tensor operator <(Tensor a, float b) => throw CompiledOnly.Error("Tensor < float");

    /// <inheritdoc cref="op_LessThan(Tensor, Tensor)"/>
    public static Tensor operator >(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor > Tensor");

    /// <inheritdoc cref="op_LessThan(Tensor, Tensor)"/>
    public static Tensor operator >(Tensor a, float b) => throw CompiledOnly.Error("Tensor > float");

    /// <inheritdoc cref="op_LessThan(Tensor, Tensor)"/>
    public static Tensor operator <=(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor <= Tensor");

    /// <inheritdoc cref="op_LessThan(Tensor, Tensor)"/>
    public static Tensor operator <=(Tensor a, float b) => throw CompiledOnly.Error("Tensor <= float");

    /// <inheritdoc cref="op_LessThan(Tensor, Tensor)"/>
    public static Tensor operator >=(Tensor a, Tensor b) => throw CompiledOnly.Error("Tensor >= Tensor");

    /// <inheritdoc cref="op_LessThan(Tensor, Tensor)"/>
    public static Tensor operator >=(Tensor a, float b) => throw CompiledOnly.Error("Tensor >= float");
}
