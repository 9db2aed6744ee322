using System.Collections.Generic;
using System.Linq;
using ModelDsl.Compiler.Diagnostics;
using ModelDsl.Compiler.Spec;

namespace ModelDsl.Generator.Frontend;

/// <summary>Finds methods that call themselves and properties that are computed from themselves, directly or through others.</summary>
internal static class SelfReference
{
    public static void Report(ReadingContext context, IReadOnlyList<MemberSpec> members, IReadOnlyList<MethodSpec> methods)
    {
        var uses = new Dictionary<string, HashSet<string>>();
        foreach (var member in members) uses[member.Name] = Names(SpecWalk.Expressions(member.Value));
        foreach (var method in methods) uses[method.Name] = Names(SpecWalk.Expressions(method.Body));
        foreach (var (name, anchor) in members.Select(member => (member.Name, member.Anchor)).Concat(methods.Select(method => (method.Name, method.Anchor))))
            if (Reaches(name, name, uses, [])) context.Report(Catalogue.SelfReference, anchor, name);
    }

    private static bool Reaches(string from, string to, Dictionary<string, HashSet<string>> uses, HashSet<string> seen) =>
        uses.TryGetValue(from, out var used) && (used.Contains(to) || used.Any(name => seen.Add(name) && Reaches(name, to, uses, seen)));

    /// <summary>The members and methods of this record that are used.</summary>
    private static HashSet<string> Names(IEnumerable<Expression> expressions) =>
    [
        .. expressions.Select(expression => expression switch
        {
            MemberReference { Target: null } member => member.Name,
            CallExpression { Target: null } call => call.Method,
            _ => null,
        }).OfType<string>(),
    ];
}
