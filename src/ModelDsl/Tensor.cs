namespace ModelDsl;

/// <summary>
/// An array of float, as the bodies of records speak of it. It has no values and no shape here: those live in the
/// compiler. Its operators broadcast as NumPy's do; its functions are in <see cref="Ops"/>.
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

    /// <summary>1 where it holds, 0 elsewhere. No gradient flows through a comparison.</summary>
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
