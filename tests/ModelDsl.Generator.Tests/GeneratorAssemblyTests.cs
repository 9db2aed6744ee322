using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ModelDsl.Generator.Tests;

/// <summary>The C# compiler loads the generator from one dll, beside nothing but Roslyn and what Roslyn brings.</summary>
public class GeneratorAssemblyTests
{
    [Fact]
    public void DependsOnRoslynAlone()
    {
        using var file = File.OpenRead(typeof(ModelGenerator).Assembly.Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        var names = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToHashSet();
        Assert.Contains("Microsoft.CodeAnalysis.CSharp", names);
        Assert.Empty(names.Except(["netstandard", "Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp", "System.Collections.Immutable", "System.Memory"]));
    }

    /// <summary>ModelDsl.dll was built by the SDK's compiler; without the generator its facade is empty.</summary>
    [Fact]
    public void TheSdkLoadsIt()
    {
        var facade = typeof(Ops).GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public).Select(method => method.Name).ToHashSet();
        Assert.Equal(Frontend.DslOperations.Names.Order(), facade.Order());
        Assert.Contains("Softmax", facade);
    }
}
