namespace ModelDsl.Compiler.Ir;

/// <summary>Names within a region: the wanted one, or the first of name2, name3, ... that is free.</summary>
internal sealed class UniqueNames
{
    private readonly HashSet<string> _taken = [];

    public string Take(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_taken.Add(name); i++) name = wanted + i;
        return name;
    }
}
