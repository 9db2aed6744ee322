namespace ModelDsl.Examples.Tests;

/// <summary>A user's projects outside of the repository: the packages, a library of layers, and a model that uses it.</summary>
[Collection(RepositoryBuilds.Name)]
public sealed class PackageTests(PackageFeed feed) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ALayerLibraryAndAModelBuildOnThePackages()
    {
        _folder.Write("nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <packageSources><add key="feed" value="{feed.Path}" /></packageSources>
            </configuration>
            """);
        _folder.Write("Norms/Norms.csproj", Project("", """<PackageReference Include="ModelDsl" Version="0.1.0" />"""));
        _folder.Write("Norms/ScaledNorm.cs", """
            using ModelDsl;
            using static ModelDsl.Ops;

            namespace Norms;

            [Layer]
            public partial record ScaledNorm(int Width)
            {
                [Weight(nameof(Width), Init = Init.Ones)] public partial Tensor Scale { get; }

                public Tensor Forward(Tensor x) => x * Rsqrt(Mean(x * x) + 1e-5f) * Scale;
            }
            """);
        _folder.Write("App/App.csproj", Project("<OutputType>Exe</OutputType>", """
            <PackageReference Include="ModelDsl" Version="0.1.0" />
            <PackageReference Include="ModelDsl.Layers" Version="0.1.0" />
            <PackageReference Include="ModelDsl.Runtime" Version="0.1.0" />
            <ProjectReference Include="../Norms/Norms.csproj" />
            """));
        _folder.Write("App/Model.cs", """
            using ModelDsl;
            using ModelDsl.Layers;
            using Norms;
            using static ModelDsl.Ops;

            [Model]
            public partial record Regression(int Inputs = 4, int Width = 16, int Outputs = 1)
            {
                public Linear Enter => new(Inputs, Width);
                public ScaledNorm Norm => new(Width);
                public Linear Leave => new(Width, Outputs);

                public Tensor Forward([Shape(nameof(Inputs))] Tensor x) => Leave.Forward(Norm.Forward(Tanh(Enter.Forward(x))));

                public Tensor Loss([Shape(nameof(Inputs))] Tensor x, [Shape(nameof(Outputs))] Tensor y) => MeanSquaredError(Forward(x), y);
            }
            """);
        _folder.Write("App/Program.cs", """
            using ModelDsl.Runtime;

            var random = new Random(1);
            float[] x = [.. Enumerable.Range(0, 400).Select(_ => random.NextSingle())];
            float[] y = [.. x.Chunk(4).Select(row => row.Sum())];
            using var trainer = new Regression().CreateTrainer(Device.Best, new() { Batch = 10, Schedule = new ConstantSchedule(0.02) });
            var result = trainer.Fit(new ArrayDataset(100).With("x", x).With("y", y), new() { Steps = 200 });
            Console.WriteLine(result.Loss < 0.05 ? "learnt" : $"loss {result.Loss}");
            """);
        await Programs.Succeeds(_folder.Path, "build", "App", "-c", "Release", "-v", "quiet");
        var ended = await Programs.Succeeds(_folder.Path, "App/bin/Release/net10.0/App.dll");
        Assert.Equal("learnt", ended.Output.Trim());
    }

    private static string Project(string properties, string references) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            {references}
          </ItemGroup>
        </Project>
        """;
}
