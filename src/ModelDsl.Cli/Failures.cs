namespace ModelDsl.Cli;

/// <summary>Turns what a user can mend into one line on standard error and the exit code 1.</summary>
internal static class Failures
{
    internal static int Report(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException or ArgumentException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine("modeldsl: " + error.Message);
            return 1;
        }
    }
}
