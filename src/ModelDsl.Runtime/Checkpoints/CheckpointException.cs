namespace ModelDsl.Runtime;

/// <summary>A checkpoint cannot be read, written or used; the message names the file, the place and what to do.</summary>
public class CheckpointException(string message, Exception? inner = null) : IOException(message, inner);
