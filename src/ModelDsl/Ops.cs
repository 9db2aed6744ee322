namespace ModelDsl;

/// <summary>
/// The operations that the bodies of records are written in. The methods are printed from the compiler's own operations
/// (generators/ModelDsl.Compiler/Ops), so that what the compiler knows is exactly what can be called.
/// </summary>
[OperationFacade]
public static partial class Ops;
