namespace ModelDsl.Compiler.Spec;

/// <summary>
/// The expression language of records: a small, closed part of C#. Everything else is a diagnostic of the frontend.
/// C# has checked the types; the elaborator evaluates dynamically.
/// </summary>
/// <param name="Anchor">The place in the source, see <see cref="RecordSpec"/>.</param>
public abstract record Expression(int Anchor);

public sealed record IntLiteral(long Value, int Anchor) : Expression(Anchor);

/// <summary>A float or double literal or constant.</summary>
public sealed record FloatLiteral(double Value, int Anchor) : Expression(Anchor);

public sealed record BoolLiteral(bool Value, int Anchor) : Expression(Anchor);

/// <summary>A member of an enum: its type's full name and its own.</summary>
public sealed record EnumLiteral(string Type, string Member, int Anchor) : Expression(Anchor);

/// <summary>A parameter or a local of the method, or the index of a repeat's lambda.</summary>
public sealed record LocalReference(string Name, int Anchor) : Expression(Anchor);

/// <summary>A hyperparameter, weight, layer or computed property of <paramref name="Target"/>; of `this` where null.</summary>
public sealed record MemberReference(Expression? Target, string Name, int Anchor) : Expression(Anchor);

/// <summary>+ - * / % == != &lt; &lt;= &gt; &gt;= &amp;&amp; || on tensors, numbers and booleans.</summary>
public sealed record BinaryExpression(string Operator, Expression Left, Expression Right, int Anchor) : Expression(Anchor);

/// <summary>- and !.</summary>
public sealed record UnaryExpression(string Operator, Expression Operand, int Anchor) : Expression(Anchor);

/// <summary>A conversion between numbers: "int" or "float".</summary>
public sealed record CastExpression(string Type, Expression Operand, int Anchor) : Expression(Anchor);

/// <summary>condition ? a : b, on a structural condition or on a repeat's index.</summary>
public sealed record ConditionalExpression(Expression Condition, Expression True, Expression False, int Anchor) : Expression(Anchor);

/// <summary>A method of this record (Target null), of a layer, or Repeat's Forward.</summary>
public sealed record CallExpression(Expression? Target, string Method, EquatableArray<Argument> Arguments, int Anchor) : Expression(Anchor);

/// <summary>A static method of ModelDsl.Ops, or of Math and MathF on numbers.</summary>
public sealed record OperationExpression(string Operation, EquatableArray<Argument> Arguments, int Anchor) : Expression(Anchor);

/// <summary>new Layer(...): the full name of its record.</summary>
public sealed record NewExpression(string Record, EquatableArray<Argument> Arguments, int Anchor) : Expression(Anchor);

/// <summary>new Repeat(count, index => layer) { Shared = shared }.</summary>
/// <param name="Shared">A structural condition; null where it is not given, which is false.</param>
public sealed record RepeatExpression(Expression Count, string Index, Expression Layer, Expression? Shared, int Anchor) : Expression(Anchor);

/// <summary>(a, b, ...)</summary>
public sealed record TupleExpression(EquatableArray<Expression> Items, int Anchor) : Expression(Anchor);

/// <summary>[a, b, ...]: a collection of numbers, the shape of a Reshape for example.</summary>
public sealed record ListExpression(EquatableArray<Expression> Items, int Anchor) : Expression(Anchor);

/// <param name="Name">The parameter it binds to; never null, positions are resolved by the frontend.</param>
public sealed record Argument(string Name, Expression Value);
