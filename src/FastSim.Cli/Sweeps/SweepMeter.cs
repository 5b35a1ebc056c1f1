using System.Diagnostics;
using System.Globalization;
using FastSim.Cli.Output;

namespace FastSim.Cli.Sweeps;

/// <summary>Says how far a sweep is, how fast it goes and how long it has left: often on a terminal, now and then in a log.</summary>
internal sealed class SweepMeter : IDisposable
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan InLog = TimeSpan.FromSeconds(30);

    private readonly long first;
    private readonly long end;
    private readonly int variantsPerBlock;
    private readonly TextWriter? writer;
    private readonly bool isTerminal;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private TimeSpan next;
    private int written;

    /// <summary>Starts.</summary>
    /// <param name="first">First block.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="variantsPerBlock">Variants of a block.</param>
    /// <param name="writer">Where it speaks; null for nowhere.</param>
    /// <param name="isTerminal">Whether a line can be written over.</param>
    public SweepMeter(long first, long end, int variantsPerBlock, TextWriter? writer, bool isTerminal)
    {
        this.first = first;
        this.end = end;
        this.variantsPerBlock = variantsPerBlock;
        this.writer = writer;
        this.isTerminal = isTerminal;
        next = isTerminal ? OnTerminal : InLog;
    }

    /// <summary>Tells that all blocks before one are done.</summary>
    public void Done(long block)
    {
        TimeSpan elapsed = watch.Elapsed;
        if (writer is null || elapsed < next)
        {
            return;
        }

        next = elapsed + (isTerminal ? OnTerminal : InLog);
        double rate = (block - first) / elapsed.TotalSeconds;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{100.0 * block / end:0.0} %, {rate * variantsPerBlock:N0} variants/s, {DurationText.Of((end - block) / rate)} left");
        if (isTerminal)
        {
            writer.Write($"\r{line.PadRight(written)}");
            written = line.Length;
        }
        else
        {
            writer.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isTerminal && written > 0)
        {
            writer?.Write($"\r{new string(' ', written)}\r");
        }
    }
}
