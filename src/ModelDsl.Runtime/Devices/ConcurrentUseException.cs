namespace ModelDsl.Runtime;

/// <summary>An object that one thread at a time may use is in use by another; nothing has happened to it.</summary>
public sealed class ConcurrentUseException(string message) : InvalidOperationException(message);
