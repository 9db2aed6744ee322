using ModelDsl.Compiler.Diagnostics;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>Ends the elaboration of a graph with a finding: what follows could only repeat it.</summary>
internal sealed class Failure(CompileDiagnostic diagnostic) : Exception
{
    public CompileDiagnostic Diagnostic => diagnostic;
}
