using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.DeploymentReports;

/// <summary>What takes the most of a launch's time at the chip's peaks.</summary>
internal enum PieceBound
{
    /// <summary>The compute units.</summary>
    Compute,

    /// <summary>The memory.</summary>
    Memory,

    /// <summary>The network: it is an exchange.</summary>
    Communication,

    /// <summary>The power cap, which makes the whole pass longer than its launches.</summary>
    PowerCap,

    /// <summary>A second memory or a store of prefixes, for whose bytes the whole pass waits.</summary>
    SecondMemory,
}

/// <summary>What a launch, or where no engine runs the stage an operator, adds to a pass through the stage, over all its repeats.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Block">Its block.</param>
/// <param name="Bound">What binds it.</param>
/// <param name="Rate">The rate of its FLOP.</param>
/// <param name="Repeats">How often the stage runs it.</param>
/// <param name="Seconds">Its time.</param>
/// <param name="PeakSeconds">Of that what its FLOP or bytes, whichever take longer, take at the chip's peaks; all of an exchange's, and of what a power cap or a second memory adds.</param>
/// <param name="Flops">FLOP.</param>
/// <param name="Bytes">Bytes moved; 0 of an exchange.</param>
/// <param name="Clock">What priced it; null where no engine runs the stage.</param>
internal sealed record PassPiece(
    string Name, string Block, PieceBound Bound, OperatorRate Rate, double Repeats, double Seconds, double PeakSeconds, double Flops, double Bytes, string? Clock)
{
    /// <summary>A share of the stage's time that no rounding makes.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Time that neither peak explains: launching, tiles and waves, what no kernel reaches.</summary>
    public double BeyondSeconds => Seconds - PeakSeconds;

    /// <summary>FLOP a byte.</summary>
    public double Intensity => Flops / Bytes;

    /// <summary>FLOP/s that it reaches.</summary>
    public double FlopsPerSecond => Flops / Seconds;

    /// <summary>The pieces of a phase's pass, in execution order; they add up to its time.</summary>
    public static IReadOnlyList<PassPiece> Of(PhaseWinner winner)
    {
        OperatorTable table = winner.Table;
        IEnumerable<(int Operator, int Also)> launches = winner.Launches.Count > 0
            ? StageLaunch.Of(table, winner.Rates.Types).Select(launch => (launch.Operator, launch.Also))
            : Enumerable.Range(0, table.Count).Select(op => (op, -1));
        List<PassPiece> pieces = [.. launches.Select(launch => Of(winner, launch.Operator, launch.Also)).Where(piece => piece.Seconds > 0)];
        double throttled = winner.Breakdown.Time.ThrottledSeconds;
        double waiting = winner.Breakdown.Time.WaitSeconds;
        Add("exchanges that no work hides", pieces[^1].Block, PieceBound.Communication, winner.Breakdown.Time.StepSeconds - throttled - waiting - pieces.Sum(piece => piece.Seconds));
        Add("waits for the second memory", "second memory", PieceBound.SecondMemory, waiting);
        Add("clocked down by the power cap", "power cap", PieceBound.PowerCap, throttled);
        return pieces;

        void Add(string name, string block, PieceBound bound, double seconds)
        {
            if (seconds > Rounding * winner.Breakdown.Time.StepSeconds)
            {
                pieces.Add(new PassPiece(name, block, bound, OperatorRate.Vector, 1, seconds, seconds, 0, 0, null));
            }
        }
    }

    /// <summary>Peak FLOP/s of a rate.</summary>
    public static double PeakFlopsPerSecond(ChipRates rates, OperatorRate rate) => rates.Chip.UnitsOf(rates.Types)[(int)rate].Teraflops * rates.FlopsPerTeraflop;

    private static PassPiece Of(PhaseWinner winner, int op, int also)
    {
        OperatorTable table = winner.Table;
        ref readonly OperatorIdentity identity = ref table.Identities[op];
        double repeats = table.Repeats[op];
        string? clock = ClockOf(winner, identity.Name);
        if (identity.Engine == OperatorEngine.Network)
        {
            bool isHidden = table.PricedSeconds is null && table.Exchanges[op].Group != ExchangeGroup.PipelineParallel;
            double exposed = winner.Breakdown.Exchanges[op].Seconds * repeats * (isHidden ? 1 - winner.Rates.Chip.CommunicationOverlap : 1);
            return new PassPiece(identity.Name, identity.Block, PieceBound.Communication, identity.Rate, repeats, exposed, exposed, 0, 0, clock);
        }

        double Sum(Func<OperatorCost, double> figure) =>
            repeats * (figure(winner.Breakdown.Operators[op]) + (also < 0 ? 0 : figure(winner.Breakdown.Operators[also])));
        double seconds = Sum(cost => cost.ProcessSeconds);
        double flops = Sum(cost => cost.Flops);
        double bytes = Sum(cost => cost.Bytes);
        double compute = flops / PeakFlopsPerSecond(winner.Rates, identity.Rate);
        double memory = bytes / winner.Rates.PeakMemoryBytesPerSecond;
        string name = also < 0 ? identity.Name : $"{identity.Name} + {table.Identities[also].Name}";
        return new PassPiece(
            name,
            identity.Block,
            compute > memory ? PieceBound.Compute : PieceBound.Memory,
            identity.Rate,
            repeats,
            seconds,
            Math.Min(seconds, Math.Max(compute, memory)),
            flops,
            bytes,
            clock);
    }

    private static string? ClockOf(PhaseWinner winner, string name) => winner.Launches
        .Where(launch => launch.Name == name)
        .Select(launch => ServingChoice.WordOf(launch.Clock))
        .FirstOrDefault();
}
