using System.Runtime.CompilerServices;

namespace FastSim.Kernels.Plans;

/// <summary>
/// What of a stage's steps does not go by links and capacities, remembered while chips follow each other that differ in these alone
/// (<see cref="Clocks.EngineClock.Alike"/>): all but exchanges, by sequences that decode. Serves one thread.
/// </summary>
internal sealed class AlikeSteps
{
    private Step[] steps = [];
    private object? chips;
    private int count;
    private int last;

    /// <summary>What is remembered of a step; of one that nobody asked about nothing is.</summary>
    /// <param name="alike">What the chips have in common.</param>
    /// <param name="decoding">Sequences that decode, a rank's micro-batch.</param>
    /// <returns>Good until another is asked about.</returns>
    public ref Step Of(object alike, double decoding)
    {
        if (chips != alike)
        {
            (chips, count, last) = (alike, 0, 0);
        }

        // Several sums of one step are asked for one after another.
        if (last < count && steps[last].Decoding == decoding)
        {
            return ref steps[last];
        }

        for (int index = 0; index < count; index++)
        {
            if (steps[index].Decoding == decoding)
            {
                last = index;
                return ref steps[index];
            }
        }

        if (count == steps.Length)
        {
            Array.Resize(ref steps, Math.Max(8, 2 * count));
        }

        last = count++;
        ref Step next = ref steps[last];
        next = new Step { Decoding = decoding, Launches = next.Launches ?? [], Sums = StepSums.Unknown };
        return ref next;
    }

    /// <summary>A step. Microseconds; NaN where they are not known.</summary>
    internal struct Step
    {
        /// <summary>Sequences that decode.</summary>
        public double Decoding { get; init; }

        /// <summary>Sums of its launches, by <see cref="StepSum"/>.</summary>
        public StepSums Sums;

        /// <summary>Room for times of launches, all repeats; NaN in places of exchanges and of what decoding sequences launch alone.</summary>
        public double[] Launches { get; set; }

        /// <summary>Whether these are known.</summary>
        public bool HasLaunches { get; set; }
    }

    /// <summary>A number for each of <see cref="StepSum"/>.</summary>
    [InlineArray(4)]
    internal struct StepSums
    {
        private double first;

        /// <summary>None is known.</summary>
        public static StepSums Unknown
        {
            get
            {
                StepSums sums = default;
                ((Span<double>)sums).Fill(double.NaN);
                return sums;
            }
        }
    }
}

/// <summary>Sums of a step's launches but for exchanges.</summary>
internal enum StepSum
{
    /// <summary>What is launched once for all tokens never takes less.</summary>
    LeastShared,

    /// <summary>The same of what decoding sequences launch alone.</summary>
    LeastOwn,

    /// <summary>All launches never take less, without pricing anything.</summary>
    Unpriced,

    /// <summary>What decoding sequences launch alone takes, where there is no exchange among it.</summary>
    Own,
}
