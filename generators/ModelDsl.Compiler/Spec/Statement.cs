namespace ModelDsl.Compiler.Spec;

/// <summary>The statements of a method's body. An expression body is one return.</summary>
public abstract record Statement(int Anchor);

/// <summary>Declares or assigns a local; several names take a tuple apart, "_" drops one.</summary>
public sealed record AssignStatement(EquatableArray<string> Names, Expression Value, int Anchor) : Statement(Anchor);

/// <summary>if on a structural condition.</summary>
public sealed record IfStatement(Expression Condition, EquatableArray<Statement> Then, EquatableArray<Statement> Else, int Anchor) : Statement(Anchor);

public sealed record ReturnStatement(Expression Value, int Anchor) : Statement(Anchor);
