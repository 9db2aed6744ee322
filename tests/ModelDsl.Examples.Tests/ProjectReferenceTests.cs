namespace ModelDsl.Examples.Tests;

/// <summary>A user's project outside of the repository that refers to its projects, as docs/common-tasks.md says.</summary>
[Collection(RepositoryBuilds.Name)]
public sealed class ProjectReferenceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AModelBuildsOnTheProjects()
    {
        string repository = Repository.Folder;
        _folder.Write("App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <Import Project="{repository}/build/ModelDsl.Generator.props" />
              <ItemGroup>
                <ProjectReference Include="{repository}/src/ModelDsl/ModelDsl.csproj" />
                <ProjectReference Include="{repository}/src/ModelDsl.Runtime/ModelDsl.Runtime.csproj" />
              </ItemGroup>
            </Project>
            """);
        _folder.Write("Program.cs", """
            using ModelDsl;
            using ModelDsl.Runtime;
            using static ModelDsl.Ops;

            var model = new Scale();
            using var trainer = model.CreateTrainer(Device.Best, new() { Batch = 2, Schedule = new ConstantSchedule(0.1) });
            var result = trainer.Fit(new ArrayDataset(2).With("x", [1f, 2, 3, 4]).With("y", [2f, 4, 6, 8]), new() { Steps = 200 });
            Console.WriteLine(result.Loss < 0.05 ? "learnt" : $"loss {result.Loss}");

            [Model]
            public partial record Scale(int Width = 2)
            {
                [Weight(nameof(Width), Init = Init.Ones)] public partial Tensor Factor { get; }

                public Tensor Forward([Shape(nameof(Width))] Tensor x) => x * Factor;

                public Tensor Loss([Shape(nameof(Width))] Tensor x, [Shape(nameof(Width))] Tensor y) => MeanSquaredError(Forward(x), y);
            }
            """);
        await Programs.Succeeds(_folder.Path, "build", "App.csproj", "-c", "Release", "-v", "quiet");
        var ended = await Programs.Succeeds(_folder.Path, "bin/Release/net10.0/App.dll");
        Assert.Equal("learnt", ended.Output.Trim());
    }
}
