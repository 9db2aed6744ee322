using System.Text.RegularExpressions;

namespace ModelDsl.Gpu;

/// <summary>A kernel's name and parameters, as its source declares them: <c>KERNEL(name)(GLOBAL float* x, int n)</c>.</summary>
/// <remarks>The drivers take arguments without their types; launches are checked against this signature.</remarks>
public sealed partial record KernelSignature(string Name, IReadOnlyList<KernelParameter> Parameters)
{
    /// <summary>The kernels of a source, in order.</summary>
    /// <exception cref="KernelCompilationException">A parameter is neither a pointer, an int, a long (int64) nor a float.</exception>
    public static IReadOnlyList<KernelSignature> ParseAll(KernelSource source)
    {
        string text = Comment().Replace(source.Text, match => new string('\n', match.Value.Count(c => c == '\n')));
        return [.. Kernel().Matches(text).Select(match => new KernelSignature(
            match.Groups["name"].Value,
            [.. match.Groups["parameters"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(parameter => Parse(source, text.AsSpan(0, match.Index).Count('\n') + 1, match.Groups["name"].Value, parameter))]))];
    }

    /// <exception cref="ArgumentException">The arguments are not of these types.</exception>
    public void Check(ReadOnlySpan<KernelArgument> arguments)
    {
        if (arguments.Length != Parameters.Count)
            throw new ArgumentException($"Kernel {this} takes {Parameters.Count} arguments; {arguments.Length} were given.");
        for (int i = 0; i < arguments.Length; i++)
            if (arguments[i].Type != Parameters[i].Type)
                throw new ArgumentException($"Argument {i + 1} of kernel {this} is {Parameters[i].Type}; {arguments[i].Type} was given.");
    }

    public override string ToString() => $"{Name}({string.Join(", ", Parameters.Select(parameter => $"{parameter.Type} {parameter.Name}"))})";

    private static KernelParameter Parse(KernelSource source, int line, string kernel, string text)
    {
        string name = LastWord().Match(text).Value;
        KernelParameterType? type = text.Contains('*') ? KernelParameterType.Pointer : text[..^name.Length].Replace("const", "").Trim() switch
        {
            "int" or "uint" or "unsigned int" or "unsigned" => KernelParameterType.Int32,
            "long" or "ulong" or "int64" => KernelParameterType.Int64,
            "float" => KernelParameterType.Float32,
            _ => null,
        };
        return new(name, type ?? throw new KernelCompilationException(
            $"{source.Name}({line}): parameter '{text}' of kernel {kernel} is neither a pointer, an int, a long nor a float.", ""));
    }

    [GeneratedRegex(@"KERNEL(?:_\w+)?\(\s*(?<name>\w+)[^)]*\)\s*\((?<parameters>[^)]*)\)")]
    private static partial Regex Kernel();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\w+$")]
    private static partial Regex LastWord();
}

/// <summary>A parameter as declared.</summary>
public sealed record KernelParameter(string Name, KernelParameterType Type);
