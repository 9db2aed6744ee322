// modeldsl-attack: tries to break the project, and writes what broke it.
using System.CommandLine;
using System.Globalization;
using ModelDsl.Attacks.Processes;
using ModelDsl.Attacks.Running;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case [Self.WorkerCommand, var name, var runSeed, var from, var until, var counters, var scratch, var failures]:
        return Worker.Run(AttackCatalogue.Get(name), ulong.Parse(runSeed), long.Parse(from), long.Parse(until), counters, scratch, failures);
    case [Self.VictimCommand, .. var settings]:
        return Victim.Run(settings);
}

var minutes = new Option<double?>("--minutes") { Description = "How long to run, all attacks together; each gets its share.", HelpName = "N" };
var quick = new Option<bool>("--quick") { Description = "Run a fixed number of cases of each attack, under a minute in all: the part that runs with the tests." };
var seed = new Option<ulong>("--seed") { Description = "Decides all cases.", HelpName = "N", DefaultValueFactory = _ => 1 };
var only = new Option<string[]>("--only") { Description = "Only these attacks; may be given several times.", HelpName = "NAME" };
var output = new Option<string>("--output") { Description = "The folder that failing inputs are written to.", HelpName = "DIR", DefaultValueFactory = _ => "attack-failures" };
var number = new Option<long?>("--case") { Description = "Repeat this case of the attack that --only names, in this process.", HelpName = "N" };
var input = new Option<FileInfo?>("--input") { Description = "Run the attack that --only names on this file, in this process.", HelpName = "FILE" };

var root = new RootCommand($"""
    Tries to break the project: mutated files for every reader, chat templates, edited sources for the generator, runs that
    are killed, full disks, limits, threads, sizes, and objects that are used wrongly. Cases run in a process of their own,
    so that a crash or a hang costs one case. Ends with a table; the exit code is 0 where no case failed, 1 where one did.

    Attacks:
    {string.Join("\n", AttackCatalogue.All.Select(attack => $"  {attack.Name,-16} {attack.Description}"))}

    Examples:
      dotnet run -c Release --project tests/ModelDsl.Attack -- --minutes 60 --seed 7 --output failures
          The long run.
      dotnet run -c Release --project tests/ModelDsl.Attack -- --quick
          The part that runs with the tests.
      dotnet run -c Release --project tests/ModelDsl.Attack -- --minutes 5 --only chat-template --only gguf
          Two attacks.
      dotnet run -c Release --project tests/ModelDsl.Attack -- --seed 7 --only gguf --case 1234
          One case again, as a run with this seed had it.
      dotnet run -c Release --project tests/ModelDsl.Attack -- --only gguf --input failures/gguf-1234.gguf
          A failing input again.
    """) { minutes, quick, seed, only, output, number, input };
root.SetAction(parsed =>
{
    IReadOnlyList<Attack> attacks;
    try
    {
        attacks = parsed.GetValue(only) is { Length: > 0 } names ? [.. names.Select(AttackCatalogue.Get)] : AttackCatalogue.All;
    }
    catch (ArgumentException error)
    {
        Console.Error.WriteLine($"error: {error.Message}");
        return 2;
    }
    ulong runSeed = parsed.GetValue(seed);
    if (parsed.GetValue(number) is not null || parsed.GetValue(input) is not null)
        return Repeat(attacks, attack => parsed.GetValue(input) is { } file
            ? File.ReadAllBytes(file.FullName)
            : attack.Create(CaseSeed.Random(runSeed, attack.Name, parsed.GetValue(number)!.Value)));
    if (parsed.GetValue(quick) == parsed.GetValue(minutes) is not null)
    {
        Console.Error.WriteLine("error: give --minutes N or --quick; --help shows examples.");
        return 2;
    }
    var options = new RunOptions
    {
        Seed = runSeed, Duration = parsed.GetValue(minutes) is { } duration ? TimeSpan.FromMinutes(duration) : null, Attacks = attacks,
        Output = Path.GetFullPath(parsed.GetRequiredValue(output)),
    };
    if (new Failures(options.Output).Read().Count > 0)
    {
        Console.Error.WriteLine($"error: {options.Output} holds the failures of another run; choose another folder with --output.");
        return 2;
    }
    var results = new AttackRun(options, Console.Error).Run();
    ResultTable.Write(Console.Out, results, new Failures(options.Output).Read());
    return results.Any(result => result.Failed > 0) ? 1 : 0;
});
return root.Parse(args).Invoke();

static int Repeat(IReadOnlyList<Attack> attacks, Func<Attack, byte[]> input)
{
    if (attacks is not [var attack])
    {
        Console.Error.WriteLine("error: --case and --input want one attack, named by --only.");
        return 2;
    }
    var folder = Directory.CreateTempSubdirectory("modeldsl-attack-");
    try
    {
        attack.Open(folder.FullName);
        var result = CaseResult.Of(attack, input(attack), folder.FullName);
        Console.WriteLine(result.Failure is { } failure ? $"FAILED: {failure.Kind}\n{failure.Detail}" : result.Accepted ? "accepted" : $"refused: {result.Message}");
        return result.Failure is null ? 0 : 1;
    }
    finally
    {
        Mounts.RemoveBelow(folder.FullName);
        folder.Delete(recursive: true);
    }
}
