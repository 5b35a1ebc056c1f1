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

    /// <summary>What is remembered of a step; of one that nobody asked about nothing is.</summary>
    /// <param name="alike">What the chips have in common.</param>
    /// <param name="decoding">Sequences that decode, a rank's micro-batch.</param>
    /// <returns>Good until another is asked about.</returns>
    public ref Step Of(object alike, double decoding)
    {
        if (chips != alike)
        {
            (chips, count) = (alike, 0);
        }

        for (int index = 0; index < count; index++)
        {
            if (steps[index].Decoding == decoding)
            {
                return ref steps[index];
            }
        }

        if (count == steps.Length)
        {
            Array.Resize(ref steps, Math.Max(8, 2 * count));
        }

        ref Step next = ref steps[count++];
        next = new Step { Decoding = decoding, Launches = next.Launches ?? [] };
        return ref next;
    }

    /// <summary>A step. Microseconds; NaN where they are not known.</summary>
    internal struct Step()
    {
        /// <summary>Sequences that decode.</summary>
        public double Decoding { get; init; }

        /// <summary>What is launched once for all tokens never takes less than, but for exchanges.</summary>
        public double LeastShared { get; set; } = double.NaN;

        /// <summary>The same of what decoding sequences launch alone.</summary>
        public double LeastOwn { get; set; } = double.NaN;

        /// <summary>What all launches but exchanges never take less than, without pricing anything.</summary>
        public double Unpriced { get; set; } = double.NaN;

        /// <summary>What decoding sequences launch alone, where there is no exchange among that.</summary>
        public double Own { get; set; } = double.NaN;

        /// <summary>Room for times of launches, all repeats; NaN in places of exchanges and of what decoding sequences launch alone.</summary>
        public double[] Launches { get; set; } = [];

        /// <summary>Whether these are known.</summary>
        public bool HasLaunches { get; set; }
    }
}
