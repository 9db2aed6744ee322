using ModelDsl.Runtime.Cpu;

namespace ModelDsl.Inference;

/// <summary>Logits as log-probabilities.</summary>
internal static unsafe class LogSoftmax
{
    public static float At(ReadOnlySpan<float> logits, int token)
    {
        fixed (float* row = logits) return row[token] - LogSumExpRow.Of(row, logits.Length);
    }
}
