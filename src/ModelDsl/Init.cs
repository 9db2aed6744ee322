namespace ModelDsl;

/// <summary>How a weight is initialised.</summary>
public enum Init
{
    /// <summary>Normal with the weight's <c>Std</c> (0.02 by default).</summary>
    Normal,
    Zeros,
    Ones,
    /// <summary>Normal with <c>Std / sqrt(2 * depth)</c>: projections into the residual stream (GPT-2, section 2.3).</summary>
    Residual,
    /// <summary>Uniform in +-sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010).</summary>
    XavierUniform,
    /// <summary>Uniform in +-sqrt(1 / fanIn): the default of PyTorch's Linear.</summary>
    KaimingUniform,
}
