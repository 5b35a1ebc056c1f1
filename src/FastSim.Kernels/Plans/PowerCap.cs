using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>How long an engine's passes take on a card whose draw is capped: at least as long as their energy takes at the watts that are left for work.</summary>
internal static class PowerCap
{
    /// <summary>Microseconds that energy takes at the most watts of work.</summary>
    /// <param name="joules">The energy, a card.</param>
    /// <param name="rates">The chip.</param>
    public static double Microseconds(double joules, ChipRates rates) => joules / rates.MostWorkWatts * Norms.Microseconds;

    /// <summary>Microseconds of a pass, as the cap leaves them.</summary>
    /// <param name="microseconds">Without a cap.</param>
    /// <param name="table">Its stage.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double Stretch(double microseconds, OperatorTable? table, ChipRates rates, double sequences) => rates.HasPowerCap && table is not null
        ? Math.Max(microseconds, Microseconds(StageEnergy.Joules(table, rates, sequences), rates))
        : microseconds;
}
