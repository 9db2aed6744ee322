namespace ModelDsl;

/// <summary>
/// The operations for the bodies of records. The generator prints the methods from the compiler's own operations
/// (generators/ModelDsl.Compiler/Ops), so every operation of the compiler, and no other, can be called.
/// </summary>
[OperationFacade]
public static partial class Ops;
