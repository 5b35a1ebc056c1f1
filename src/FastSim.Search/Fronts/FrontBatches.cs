using System.Numerics;

namespace FastSim.Search.Fronts;

/// <summary>
/// The batches that a front is made of, in steps of a plan's batches: each of the first <see cref="Dense"/>, then <see cref="StepsAnOctave"/> from
/// each power of two to the next, 0.8 to 1.6 % apart, and the largest. So a front has hundreds of points a layout, whatever the memory holds.
/// </summary>
/// <param name="largest">The largest batch, at least 1.</param>
public readonly struct FrontBatches(long largest)
{
    /// <summary>Batches up to here are all of the front's.</summary>
    public const int Dense = 128;

    private const int StepsAnOctave = 64;

    /// <summary>How many there are.</summary>
    public int Count { get; } = CountTo(largest);

    /// <summary>The batch at a place; places rise with batches.</summary>
    /// <param name="place">The place, from 0 to below <see cref="Count"/>.</param>
    public long At(int place)
    {
        if (place == Count - 1)
        {
            return largest;
        }

        if (place < Dense)
        {
            return place + 1;
        }

        int octave = (place - Dense) / StepsAnOctave;
        int step = (place - Dense) % StepsAnOctave;
        return (Dense + (2L * (step + 1))) << octave;
    }

    /// <summary>Of the places whose batch is below the largest, and one for that itself.</summary>
    private static int CountTo(long largest)
    {
        if (largest <= Dense)
        {
            return (int)largest;
        }

        int octave = BitOperations.Log2((ulong)(largest - 1) / Dense);
        long within = ((largest - 1) >> octave) - Dense;
        return Dense + (octave * StepsAnOctave) + (int)(within / 2) + 1;
    }
}
