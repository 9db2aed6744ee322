using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Tests.Ops;

/// <summary>The cases of every operation, by names that a theory can print.</summary>
public static class OperationCases
{
    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (var operation in OperationTable.All)
            foreach (var one in operation.Cases) data.Add(operation.Name, one.Name);
        return data;
    }

    public static OperationCase Get(string operation, string name) => OperationTable.Get(operation).Cases.Single(c => c.Name == name);
}
