namespace ModelDsl.Cli;

/// <summary>Reports errors that the user can fix as one line on standard error and exit code 1.</summary>
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
