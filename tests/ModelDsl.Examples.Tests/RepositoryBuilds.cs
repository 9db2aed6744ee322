namespace ModelDsl.Examples.Tests;

/// <summary>Tests that build projects of this repository: one at a time, since they write to the same obj folders.</summary>
[CollectionDefinition(Name)]
public sealed class RepositoryBuilds : ICollectionFixture<PackageFeed>
{
    public const string Name = "Repository builds";
}
