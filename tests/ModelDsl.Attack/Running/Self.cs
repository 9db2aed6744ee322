namespace ModelDsl.Attacks.Running;

/// <summary>This program, as it starts itself again.</summary>
internal static class Self
{
    /// <summary>The first argument of a process that runs cases.</summary>
    public const string WorkerCommand = "worker";

    /// <summary>The first argument of a process that trains, and is killed.</summary>
    public const string VictimCommand = "victim";

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "modeldsl-attack.dll");
}
