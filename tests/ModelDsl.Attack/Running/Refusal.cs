using System.Diagnostics;

namespace ModelDsl.Attacks.Running;

/// <summary>Tells the project's own exceptions from those that escaped from below it.</summary>
internal static class Refusal
{
    /// <summary>An exception of a type that the project declares.</summary>
    public static bool IsOwn(Exception error) => IsOurs(error.GetType());

    /// <summary>An exception of a type of .NET's that the project documents, thrown by the project and not by what it calls.</summary>
    public static bool IsThrownByOurs(Exception error, params ReadOnlySpan<Type> types)
    {
        foreach (var type in types)
            if (type.IsInstanceOfType(error))
                return IsOurs(Thrower(error));
        return false;
    }

    /// <summary>The type and the first method of the project in the stack: what failures are told apart by.</summary>
    public static string Kind(Exception error)
    {
        var frame = new StackTrace(error).GetFrames().Select(frame => frame.GetMethod()?.DeclaringType is { } type ? (Type: type, frame.GetMethod()!.Name) : default)
            .FirstOrDefault(frame => IsOurs(frame.Type));
        return $"{error.GetType().Name}{(frame.Type is null ? "" : $" in {frame.Type.Name}.{frame.Name}")}";
    }

    // ArgumentException's and ObjectDisposedException's ThrowIf... are called by who refuses.
    private static Type? Thrower(Exception error) => new StackTrace(error).GetFrames()
        .Select(frame => frame.GetMethod()).FirstOrDefault(method => method is not null && !method.Name.StartsWith("Throw", StringComparison.Ordinal))?.DeclaringType;

    /// <summary>Of the project's assemblies, or emitted code, which is in this one.</summary>
    private static bool IsOurs(Type? type) => type is not null
        && (type.Assembly == typeof(Refusal).Assembly
            ? type.Namespace?.StartsWith("ModelDsl.Attacks", StringComparison.Ordinal) == false
            : type.Assembly.GetName().Name!.StartsWith("ModelDsl", StringComparison.Ordinal));
}
