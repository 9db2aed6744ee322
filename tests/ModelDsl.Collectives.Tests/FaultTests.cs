using System.Text.RegularExpressions;

namespace ModelDsl.Collectives.Tests;

/// <summary>
/// A rank that fails: every other rank names it, with its host and process, and the collective and its number; the job ends
/// by itself with a non-zero code, and leaves no process behind.
/// </summary>
public sealed class FaultTests
{
    private const string Seconds = "3";

    /// <summary>A rank may learn of the fault just before it enters the call that the other does not enter.</summary>
    private const string LastCall = "all-reduce [23] of 4,096 F32";

    [MpiTheory]
    [InlineData("kill", "NAME has ended without leaving its communicator")]
    [InlineData("exit", "NAME has ended without leaving its communicator")]
    [InlineData("throw", "NAME has left after all-reduce 2.")]
    [InlineData("leave", "NAME has left after all-reduce 2.")]
    [InlineData("hang", "NAME has not entered all-reduce 3 of 4,096 F32 within 3 s; its last was all-reduce 2.")]
    [InlineData("stop", "NAME has not entered all-reduce 3 of 4,096 F32 within 3 s; it does not answer (is its process stopped?).")]
    [InlineData("count", "Ranks have entered different collectives: rank 0 HOST all-reduce 3 of 4,096 F32, NAME all-reduce 3 of 4,095 F32.")]
    [InlineData("call", "Ranks have entered different collectives: rank 0 HOST all-reduce 3 of 4,096 F32, NAME broadcast 3 of 4,096 F32 from rank 0.")]
    public async Task Each_other_rank_names_the_one_that_went_wrong(string kind, string expected)
    {
        const int ranks = 4;
        var ended = await Launch.Mpirun(ranks, "fault", kind, Seconds);
        Assert.NotEqual(0, ended.Code);
        Assert.DoesNotContain("no fault was found", ended.All);
        var names = Names(ended.All);
        Assert.Equal(ranks, names.Count);
        string message = expected.Replace("NAME", names[ranks - 1]).Replace("rank 0 HOST", names[0]);
        for (int rank = 0; rank < ranks - 1; rank++)
            Assert.Matches($"(?m)^{Regex.Escape(names[rank])}, last in {LastCall}: {Regex.Escape(message)}", ended.All);
        AssertGone(names.Values);
    }

    [MpiTheory]
    [InlineData("kill-first", "NAME has ended without leaving its communicator")]
    [InlineData("hang-first", "NAME has not entered all-reduce 3 of 4,096 F32 within 3 s; its last was all-reduce 2.")]
    public async Task The_rank_that_watches_the_others_is_watched_by_them(string kind, string expected)
    {
        var ended = await Launch.Mpirun(3, "fault", kind, Seconds);
        Assert.NotEqual(0, ended.Code);
        var names = Names(ended.All);
        Assert.All([1, 2], rank => Assert.Matches(Line(names[rank], expected.Replace("NAME", names[0])), ended.All));
        AssertGone(names.Values);
    }

    /// <summary>Nobody can tell the others, so each finds out by itself; the first that ends makes mpirun end the rest.</summary>
    [MpiFact]
    public async Task The_rank_that_watches_the_others_is_named_when_it_is_stopped()
    {
        var ended = await Launch.Mpirun(3, "fault", "stop-first", Seconds);
        Assert.NotEqual(0, ended.Code);
        var names = Names(ended.All);
        string message = $"all-reduce 3 of 4,096 F32 has not ended within 3 s, and {names[0]}, which could say why, does not answer (is its process stopped?).";
        Assert.Contains([1, 2], rank => Regex.IsMatch(ended.All, Line(names[rank], message)));
        AssertGone(names.Values);
    }

    [MpiFact]
    public async Task The_exception_says_in_which_call_this_rank_was()
    {
        var ended = await Launch.Mpirun(2, "fault", "leave", Seconds);
        var names = Names(ended.All);
        Assert.Contains($"CommunicatorException: {names[1]} has left after all-reduce 2. {names[0]} was in all-reduce 3 of 4,096 F32.", ended.All);
    }

    private static string Line(string name, string message) => $"(?m)^{Regex.Escape(name)}, last in .*{Regex.Escape(message)}";

    private static Dictionary<int, string> Names(string output) => Regex.Matches(output, @"(rank (\d+) \(host \S+, process \d+\)) is here")
        .ToDictionary(match => int.Parse(match.Groups[2].Value), match => match.Groups[1].Value);

    private static void AssertGone(IEnumerable<string> names)
    {
        foreach (string name in names)
            Assert.False(Directory.Exists($"/proc/{Regex.Match(name, @"process (\d+)").Groups[1].Value}/cwd"), $"{name} is left behind");
    }
}
