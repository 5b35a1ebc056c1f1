using System.Runtime.ExceptionServices;
using FastSim.Kernels.Chips;

namespace FastSim.Cli.Configuration;

/// <summary>
/// The one boundary around parsers that are not ours (Parquet.Net, ONNX Runtime, Sep, NCalc): whatever they throw becomes a message of one
/// line, and what takes them too long is given up. What they are handed was checked before, by us, for what no boundary can catch: depth
/// that overflows a stack, sizes that exhaust memory.
/// </summary>
internal static class ForeignParser
{
    private const int StackBytes = 16 << 20;
    private const int MostWaits = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan PatiencePerMebibyte = TimeSpan.FromSeconds(0.125);

    /// <summary>Parses on the thread at hand: for parsers whose work is bounded by the length of what they are given.</summary>
    /// <param name="subject">What is parsed, as messages name it.</param>
    /// <param name="expected">What it should be.</param>
    /// <param name="parse">Parses it.</param>
    /// <exception cref="ConfigurationException">It is not that.</exception>
    public static T Run<T>(string subject, string expected, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception exception) when (exception is not (ConfigurationException or EfficiencyModelException))
        {
            throw Refused(subject, expected, exception);
        }
    }

    /// <summary>
    /// Parses on a thread of its own, for as long as the size allows, and where others have the machine until the process has had half of that time, but ten times as long at most. A parser that
    /// loops cannot be stopped from outside: its thread is left behind and ends with the process.
    /// </summary>
    /// <param name="subject">What is parsed, as messages name it.</param>
    /// <param name="expected">What it should be.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="parse">Parses it.</param>
    /// <exception cref="ConfigurationException">It is not that, or takes too long.</exception>
    public static T RunLimited<T>(string subject, string expected, long bytes, Func<T> parse) =>
        RunLimited(subject, expected, Patience + (PatiencePerMebibyte * (bytes >> 20)), () => Environment.CpuUsage.TotalTime, parse);

    /// <summary>The same by a limit and a clock of one's own.</summary>
    /// <param name="subject">What is parsed, as messages name it.</param>
    /// <param name="expected">What it should be.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="processorTime">What the process has had of the processor.</param>
    /// <param name="parse">Parses it.</param>
    /// <exception cref="ConfigurationException">It is not that, or takes too long.</exception>
    internal static T RunLimited<T>(string subject, string expected, TimeSpan limit, Func<TimeSpan> processorTime, Func<T> parse)
    {
        T? parsed = default;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    parsed = parse();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            StackBytes)
        { IsBackground = true };
        TimeSpan before = processorTime();
        thread.Start();
        int waits = 1;
        bool isParsed = thread.Join(limit);
        while (!isParsed && waits < MostWaits && processorTime() - before < limit / 2)
        {
            waits++;
            isParsed = thread.Join(limit);
        }

        if (!isParsed)
        {
            throw new ConfigurationException($"{subject}: found content that was not parsed within {waits * limit.TotalSeconds:0} s; expected {expected}");
        }

        return failure is null
            ? parsed!
            : Run<T>(subject, expected, () =>
            {
                failure.Throw();
                return default!;
            });
    }

    private static ConfigurationException Refused(string subject, string expected, Exception exception)
    {
        Exception cause = exception is AggregateException { InnerExceptions: [var only] } ? only : exception;
        string reason = cause switch
        {
            OutOfMemoryException => "it takes more memory than there is",

            // What these say is of the parser's insides.
            NullReferenceException or IndexOutOfRangeException or InvalidCastException or ArgumentException or OverflowException =>
                $"its parser failed on it ({cause.GetType().Name})",
            _ => OneLine.Of(cause.Message),
        };
        return new ConfigurationException($"{subject}: cannot be read as {expected}: {reason}", exception);
    }
}
