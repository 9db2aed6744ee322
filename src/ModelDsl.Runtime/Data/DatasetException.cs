namespace ModelDsl.Runtime;

/// <summary>Data cannot be used; the message names the file or array, the place and what to do.</summary>
public sealed class DatasetException(string message, Exception? inner = null) : Exception(message, inner);
