using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// How long an engine's passes take at least: on a card whose draw is capped as long as their energy takes at the watts that are left for work; where a second
/// memory holds a part of what they read as long as that streams.
/// </summary>
internal static class PassFloor
{
    /// <summary>Microseconds that energy takes at the most watts of work.</summary>
    /// <param name="joules">The energy, a card.</param>
    /// <param name="rates">The chip.</param>
    public static double Capped(double joules, ChipRates rates) => joules / rates.MostWorkWatts * Norms.Microseconds;

    /// <summary>Microseconds of a pass, as the cap leaves them.</summary>
    /// <param name="microseconds">Without a cap.</param>
    /// <param name="table">Its stage.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double Capped(double microseconds, OperatorTable? table, ChipRates rates, double sequences) => rates.HasPowerCap && table is not null
        ? Math.Max(microseconds, Capped(StageEnergy.Joules(table, rates, sequences), rates))
        : microseconds;

    /// <summary>Microseconds in which a pass streams what the first memory does not hold.</summary>
    /// <param name="table">Its stage; null where there is none.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double Streamed(OperatorTable? table, ChipRates rates, double sequences) =>
        table is null ? 0 : StreamTime.Seconds(table, rates, sequences) * Norms.Microseconds;

    /// <summary>Microseconds in which passes that decode and that a prompt joins stream.</summary>
    /// <param name="decode">The stage when it decodes.</param>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="decoding">Sequences of a rank's micro-batch that decode in such a pass.</param>
    /// <param name="passes">Passes that the prompt takes.</param>
    public static double StreamedBeside(OperatorTable decode, OperatorTable prompt, ChipRates rates, double decoding, double passes) =>
        StreamTime.SecondsBeside(decode, prompt, rates, decoding, passes) * Norms.Microseconds;
}
