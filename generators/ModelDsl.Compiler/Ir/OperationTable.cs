using System;
using System.Collections.Generic;
using System.Linq;

namespace ModelDsl.Compiler.Ir;

/// <summary>Every operation of this assembly, found once by reflection.</summary>
public static class OperationTable
{
    private static readonly Dictionary<string, Operation> ByName = typeof(OperationTable).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && typeof(Operation).IsAssignableFrom(t))
        .Select(t => (Operation)Activator.CreateInstance(t))
        .ToDictionary(o => o.Name);

    public static IEnumerable<Operation> All => ByName.Values.OrderBy(o => o.Name, StringComparer.Ordinal);

    public static T Get<T>() where T : Operation => Single<T>.Operation;

    public static Operation Get(string name) => ByName.TryGetValue(name, out var found) ? found
        : throw new KeyNotFoundException($"no operation is named '{name}'");

    public static bool TryGet(string name, out Operation operation) => ByName.TryGetValue(name, out operation!);

    private static class Single<T> where T : Operation
    {
        public static readonly T Operation = (T)ByName.Values.Single(o => o.GetType() == typeof(T));
    }
}
