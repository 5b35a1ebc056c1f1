using System.Globalization;

namespace FastSim.Cli.Commands;

/// <summary>A line on standard error that says how much of some work is done, now and then.</summary>
internal sealed class ProgressLine(Terminal terminal, bool isQuiet, string work)
{
    private const double LeastChange = 0.05;
    private readonly Lock gate = new();
    private double told = double.NegativeInfinity;

    /// <summary>Says how much is done.</summary>
    public void Report(double share)
    {
        lock (gate)
        {
            if (!isQuiet && share - told >= LeastChange)
            {
                told = share;
                terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{work}: {100 * share:0} %"));
            }
        }
    }

    /// <summary>Says that all is done.</summary>
    public void End()
    {
        lock (gate)
        {
            if (!isQuiet && told < 1)
            {
                told = 1;
                terminal.Error.WriteLine($"{work}: 100 %");
            }
        }
    }
}
