using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Laws.Tests;

/// <summary>Training of networks of limits.</summary>
[Laws]
public sealed class MonotoneTrainingLaws
{
    private const int Batch = 128;

    /// <summary>Slopes over a batch are those of its rows one after the other, to the bit, whatever the family's components, the marks that rows have, and rows that come twice.</summary>
    [Law(MaxTest = 50)]
    public bool Slopes_of_a_batch_are_those_of_its_rows(int seed)
    {
        Random random = new(seed);
        TimedOperators rows = RandomSurrogates.Rows(random);
        for (int mark = OperatorComponents.Most; mark < OperatorComponents.Count; mark++)
        {
            int kind = random.Next(3);
            for (int row = 0; row < rows.Count && kind < 2; row++)
            {
                rows.Features[(row * OperatorComponents.Count) + mark] = kind * random.Next(2);
            }
        }

        OperatorFamily family = (OperatorFamily)random.Next(Enum.GetValues<OperatorFamily>().Length);
        MonotoneNetwork network = MonotoneTraining.Train(rows, OperatorComponents.ComponentsOf(family).Count, random.Next(1, 4), random.Next(), null);
        MonotoneBatch batch = new(network, rows, Batch);
        MonotoneRows alone = new(network);
        float[] found = new float[MonotoneNetwork.ParameterCount];
        float[] expected = new float[MonotoneNetwork.ParameterCount];
        for (int turn = 0; turn < 2; turn++)
        {
            int[] numbers = [.. Enumerable.Range(0, Batch).Select(_ => random.Next(rows.Count))];
            batch.Gather(numbers, found);
            alone.Gather(rows, numbers, expected);
            if (!found.AsSpan().SequenceEqual(expected) || !expected.AsSpan().ContainsAnyExcept(0f))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Of two marks that the same rows have, the one that is a chip's says less of what these take longer than others where it is drawn to 0 harder.</summary>
    [Law(MaxTest = 10)]
    public bool A_chips_mark_that_is_drawn_harder_shifts_less(int seed)
    {
        const int Steps = 3_000;
        const int Mark = OperatorComponents.Count - OperatorComponents.Most - 1;
        TimedOperators rows = RandomSurrogates.Rows(new Random(seed));
        for (int row = 0; row < rows.Count; row++)
        {
            Span<float> own = rows.Features.AsSpan(row * OperatorComponents.Count, OperatorComponents.Count);
            own[OperatorComponents.Most..].Clear();
            own[OperatorComponents.Most + Mark] = row % 2;
            own[OperatorComponents.Most] = row % 2;
            rows.Measured[row] = MathF.Exp(own[0]) * (1 + (row % 2));
        }

        int components = OperatorComponents.ComponentsOf(OperatorFamily.Product).Count;
        float free = Shift(MonotoneTraining.Train(rows, components, Steps, seed, null));
        float drawn = Shift(MonotoneTraining.Train(rows, components, Steps, seed, null, Mark));
        return free > drawn;

        float Shift(MonotoneNetwork network)
        {
            double sum = 0;
            float[] marked = new float[OperatorComponents.Count];
            for (int row = 0; row < rows.Count; row++)
            {
                rows.Features.AsSpan(row * OperatorComponents.Count, OperatorComponents.Count).CopyTo(marked);
                marked[OperatorComponents.Most + Mark] = 1;
                double with = network.Logarithm(marked);
                marked[OperatorComponents.Most + Mark] = 0;
                sum += with - network.Logarithm(marked);
            }

            return (float)(sum / rows.Count);
        }
    }
}
