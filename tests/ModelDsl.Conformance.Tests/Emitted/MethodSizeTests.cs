using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ModelDsl.Conformance.Tests.Emitted;

/// <summary>
/// The IL of everything that was generated into this assembly. The JIT compiles without optimisation past 60,000 bytes of IL,
/// 20,000 instructions or 2,000 locals in one method; an instruction has at least a byte.
/// </summary>
public class MethodSizeTests
{
    private const int LargestIl = 15_000, MostLocals = 1_000;

    [Fact]
    public void NoMethodComesNearTheLimitsOfTheJit()
    {
        using var file = new PEReader(File.OpenRead(typeof(MethodSizeTests).Assembly.Location));
        var methods = Emitted(file).ToArray();
        var (longest, mostLocals) = (methods.MaxBy(m => m.Il)!, methods.MaxBy(m => m.Locals)!);
        string largest = $"of {methods.Length} methods the longest is {longest.Name} with {longest.Il} bytes of IL, {mostLocals.Name} has most locals, {mostLocals.Locals}";
        Assert.Contains(methods, m => m.Name == "Gpt2Program.Train");
        Assert.Contains(methods, m => m.Name == "FinalForward.Run");
        Assert.True(longest.Il < LargestIl && mostLocals.Locals < MostLocals, largest);
    }

    /// <summary>The methods of programs and of kernels.</summary>
    private static IEnumerable<Method> Emitted(PEReader file)
    {
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            string type = FullName(metadata, method.GetDeclaringType());
            if (method.RelativeVirtualAddress == 0 || !IsEmitted(metadata, method.GetDeclaringType())) continue;
            var body = file.GetMethodBody(method.RelativeVirtualAddress);
            yield return new Method($"{type}.{metadata.GetString(method.Name)}", body.GetILReader().Length, Locals(metadata, body));
        }
    }

    private static bool IsEmitted(MetadataReader metadata, TypeDefinitionHandle type) =>
        metadata.GetString(metadata.GetTypeDefinition(type).Namespace).StartsWith("ModelDsl.Emitted.", StringComparison.Ordinal);

    /// <summary>A type with those it is nested in.</summary>
    private static string FullName(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        string name = metadata.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{FullName(metadata, outer)}.{name}" : name;
    }

    private static int Locals(MetadataReader metadata, MethodBodyBlock body)
    {
        if (body.LocalSignature.IsNil) return 0;
        var signature = metadata.GetBlobReader(metadata.GetStandaloneSignature(body.LocalSignature).Signature);
        Assert.Equal(SignatureKind.LocalVariables, signature.ReadSignatureHeader().Kind);
        return signature.ReadCompressedInteger();
    }

    private sealed record Method(string Name, int Il, int Locals);
}
