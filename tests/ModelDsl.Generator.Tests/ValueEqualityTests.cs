using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using ModelDsl.Compiler;
using ModelDsl.Generator.Pipeline;

namespace ModelDsl.Generator.Tests;

/// <summary>
/// What the pipeline caches holds values alone: a symbol, a node or a location would keep a whole compilation alive and
/// compare by reference, and so would an array.
/// </summary>
public class ValueEqualityTests
{
    private static readonly Type[] Forbidden = [typeof(ISymbol), typeof(SyntaxNode), typeof(SyntaxTree), typeof(SyntaxReference), typeof(Location), typeof(Compilation), typeof(SemanticModel), typeof(IOperation)];

    [Theory]
    [InlineData("Gpt2")]
    [InlineData("Llama")]
    [InlineData("Classifier")]
    public void NothingOfRoslynIsReachable(string record)
    {
        var steps = GeneratorHost.Run(TestFiles.Record(record)).Result.TrackedSteps;
        int visited = 0;
        foreach (string name in Steps.Values.Where(steps.ContainsKey))
            foreach (var output in steps[name].SelectMany(step => step.Outputs))
                if (output.Value is { } value) Walk(value, name, []);
        Assert.True(visited > 500, $"the walk saw {visited} objects: it does not reach the specs");

        void Walk(object value, string path, HashSet<object> seen)
        {
            var type = value.GetType();
            if (type.IsPrimitive || type.IsEnum || value is string || (!type.IsValueType && !seen.Add(value))) return;
            visited++;
            Assert.False(Forbidden.Any(forbidden => forbidden.IsInstanceOfType(value)), $"{path} holds a {type.Name}");
            bool equatable = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EquatableArray<>);
            Assert.False(type.IsArray || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)), $"{path} holds a {type.Name}");
            if (equatable)
            {
                foreach (object? item in (System.Collections.IEnumerable)value)
                    if (item is not null) Walk(item, path + "[]", seen);
                return;
            }
            for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
                foreach (var field in declaring.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
                    if (field.GetValue(value) is { } inner) Walk(inner, $"{path}.{field.Name}", seen);
        }
    }
}
