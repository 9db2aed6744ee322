using System.Collections.Generic;

namespace ModelDsl.Compiler.Passes.Lowering;

/// <summary>Gives each thing a name of its own.</summary>
public sealed class NameTable
{
    private readonly Dictionary<string, int> _names = [];

    /// <summary>The name, or the name with the lowest number from 2 on that is free.</summary>
    public string Unique(string name)
    {
        if (!_names.TryGetValue(name, out int count))
        {
            _names.Add(name, 1);
            return name;
        }
        string candidate;
        do candidate = name + ++count; while (_names.ContainsKey(candidate));
        _names[name] = count;
        _names.Add(candidate, 1);
        return candidate;
    }
}
