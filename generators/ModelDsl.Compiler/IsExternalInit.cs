// netstandard2.0 lacks the type that the compiler wants for `init` and records.
namespace System.Runtime.CompilerServices;

internal static class IsExternalInit { }
