using System;
using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler;

namespace ModelDsl.Generator.Pipeline;

/// <summary>
/// Keeps the names of generated files apart where records' names differ in case alone, which Roslyn, like some file systems, takes
/// for one name.
/// </summary>
/// <param name="Clashing">Full names of records that come after another of the same letters.</param>
internal sealed record HintNames(EquatableArray<string> Clashing)
{
    private const string End = ".g.cs";

    public static HintNames Of(IEnumerable<string> records) => new(records.Distinct().OrderBy(name => name, StringComparer.Ordinal)
        .GroupBy(name => name, StringComparer.OrdinalIgnoreCase).SelectMany(same => same.Skip(1)).ToEquatableArray());

    /// <param name="record">The full name of the record that the file belongs to.</param>
    /// <param name="file">"My.Model.Record.g.cs", the same letters for the same letters of the record.</param>
    public string Name(string record, string file)
    {
        int place = Clashing.ToList().IndexOf(record);
        return place < 0 ? file : $"{file.Substring(0, file.Length - End.Length)}({place + 2}){End}";
    }
}
