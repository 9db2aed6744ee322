using System.Reflection;

namespace ModelDsl.Attacks.Running;

/// <summary>All attacks of this program, found by their type.</summary>
internal static class AttackCatalogue
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetTypes().Where(type => type.IsSubclassOf(typeof(Attack)) && !type.IsAbstract && type != typeof(SelfAttack))
            .Select(type => (Attack)Activator.CreateInstance(type)!).OrderBy(attack => attack.GetType().Namespace, StringComparer.Ordinal)
            .ThenBy(attack => attack.Name, StringComparer.Ordinal),
    ];

    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static Attack Get(string name) => All.Append(new SelfAttack()).FirstOrDefault(attack => attack.Name == name)
        ?? throw new ArgumentException($"There is no attack '{name}'. There are {string.Join(", ", All.Select(attack => attack.Name))}.");
}
