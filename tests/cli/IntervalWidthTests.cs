using FastSim.Cli.Configuration;
using FastSim.Cli.Surrogates;
using FastSim.Kernels.Chips;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What says how wide intervals of learned times are.</summary>
public sealed class IntervalWidthTests
{
    /// <summary>A chip that nobody measured is no easier than shapes that nobody measured: a narrower width of a chip counts as theirs, a wider one as it is, and so again for other chips.</summary>
    [Fact]
    public void A_chips_width_is_at_least_that_of_shapes_held_out()
    {
        FormatWidths widths = new();
        widths.AddLeast(OperatorFamily.Product, 0, [0.3]);
        widths.Add(OperatorFamily.Product, 0, [0.1]);
        Assert.Equal(0.3, widths.Of(OperatorFamily.Product, 0), 12);
        widths.Clear();
        widths.Add(OperatorFamily.Product, 0, [0.4]);
        Assert.Equal(0.4, widths.Of(OperatorFamily.Product, 0), 12);
    }

    /// <summary>A model that knows a chip with like units is what is used: what one misses that knows none says nothing, unless all are such.</summary>
    [Fact]
    public void Models_that_know_no_chip_with_like_units_do_not_say_how_wide_intervals_are()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        TrainingChip Chip(string system) => new(system, [files.PathOf("gemm_perf.parquet")], new Findings(allowUnknownKeys: false));
        TrainingChip asynchronous = Chip(files.TimedChip);
        TrainingChip one = Chip(Repository.PathOf("data", "systems", "A100_SXM_80GB.json"));
        TrainingChip other = Chip(Repository.PathOf("data", "systems", "L40S.json"));
        LearnedModel model = SurrogateTraining.Train([asynchronous], withHeldOut: true, steps: 50, seed: 1, threads: 1, progress: null);
        float Width(params (TrainingChip Chip, TrainingChip[] Learned)[] asked)
        {
            HeldOutChips held = new([], model);
            foreach ((TrainingChip chip, TrainingChip[] learned) in asked)
            {
                held.Add(chip, model, learned, heldOutAlone: false);
            }

            return held.WithIntervals(model, [asynchronous]).Ensembles[OperatorFamily.Product].LeastHalfWidth;
        }

        float ofOther = Width((other, [asynchronous, one]));
        Assert.Equal(ofOther, Width((one, [asynchronous]), (other, [asynchronous, one])));
        Assert.NotEqual(ofOther, Width((one, [asynchronous, other]), (other, [asynchronous, one])));
        Assert.Equal(Width((one, [asynchronous, other])), Width((one, [asynchronous])));
    }
}
