using System.Linq;
using ModelDsl.Compiler;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;
using ModelDsl.Generator.Frontend;

namespace ModelDsl.Generator.Pipeline;

/// <summary>Finds hyperparameters, weights and layers that no record of the compilation reads.</summary>
internal static class UnusedMembers
{
    /// <returns>Nothing where a record has an error already: what it could not say might have read them.</returns>
    public static EquatableArray<CompileDiagnostic> Find(EquatableArray<ReadRecord> records) =>
        records.All(record => record.Sound)
            ? records.SelectMany(record => MemberUses.Unused(record.Spec, records.Select(other => other.Spec))
                .Select(member => new CompileDiagnostic(Catalogue.NeverUsed.Id, record.Spec.FullName, member.Anchor, new([member.Name])))).ToEquatableArray()
            : default;
}
