using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Surrogates;
using FastSim.Tests;
using FsCheck;

namespace FastSim.Laws.Tests;

/// <summary>With a surrogate loaded the engines still agree, and answers depend on nothing but the operator.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class SurrogateLaws
{
    private const double LaneBound = 4e-15;

    [Law(MaxTest = 200)]
    public bool Bound_is_exhaustive_is_scalar(Job job, int choice)
    {
        Job learned = RandomSurrogates.Learned(job, choice);
        JobResult[] results = [.. Enum.GetValues<EngineKind>().Select(kind => JobSolver.Solve(learned, EngineSettings.Default with { Kind = kind }))];
        return results.All(result => Key(result.Prefill) == Key(results[0].Prefill) && Key(result.Decode) == Key(results[0].Decode));
    }

    [Law(MaxTest = 200)]
    public bool Lanes_agree_with_the_reference_at_every_width(Job job, int choice, PositiveInt count, PositiveInt step)
    {
        if (LearnedDecode(job, choice) is not { IsReachable: true } plan)
        {
            return true;
        }

        int lanes = (count.Get % 700) + 1;
        LaneBlock block = new(lanes, plan.Rates.Chip.Networks.Count);
        block.SetChip(plan.Rates);
        StageProgram program = new();
        program.Load(plan.Table, plan.Rates);
        for (int lane = 0; lane < lanes; lane++)
        {
            block.Sequences[lane] = 1 + (lane * (double)((step.Get % 5) + 1));
        }

        double[]? first = null;
        foreach (LaneWidth width in LaneWidths.All)
        {
            RooflineKernel.Evaluate(program, block, lanes, width);
            double[] found = block.StepSeconds[..lanes].ToArray();
            first ??= found;
            if (!found.SequenceEqual(first))
            {
                return false;
            }
        }

        return Enumerable.Range(0, lanes).All(lane =>
        {
            double expected = StageTime.Of(plan.Table, plan.Rates, block.Sequences[lane]).StepSeconds;
            return Math.Abs(first![lane] - expected) <= LaneBound * expected;
        });
    }

    /// <summary>No operator takes less than its roofline at the chip's peaks, so the bound that holds for any chip holds.</summary>
    [Law(MaxTest = 200)]
    public bool The_bound_of_any_chip_is_never_above_the_time(Job job, int choice, PositiveInt batch)
    {
        if (LearnedDecode(job, choice) is not { IsReachable: true } plan)
        {
            return true;
        }

        double sequences = (batch.Get % 300) + 1;
        double time = StageTime.Of(plan.Table, plan.Rates, sequences).StepSeconds;
        StageBound any = new(new StageSums(plan.Table, plan.Rates, sequences, holdsForAnyChip: true), plan.Rates);
        StageBound own = plan.Bound(sequences);
        return any.StepSeconds(sequences) <= own.StepSeconds(sequences) * (1 + 1e-12) && own.StepSeconds(sequences) <= time * (1 + 1e-12);
    }

    [Law(MaxTest = 100)]
    public bool An_answer_does_not_depend_on_its_neighbours(int choice, int seed, PositiveInt count)
    {
        OnnxEfficiency model = RandomSurrogates.Pick(choice);
        int rows = (count.Get % 600) + 1;
        Random random = new(seed);
        float[] features = [.. Enumerable.Range(0, rows * OperatorFeatures.Count).Select(_ => (float)((random.NextDouble() * 20) - 10))];
        float[] together = new float[2 * rows];
        model.Evaluate(OperatorFamily.Product, features, together);
        float[] alone = new float[2];
        for (int row = 0; row < rows; row += 1 + (rows / 7))
        {
            model.Evaluate(OperatorFamily.Product, features.AsSpan(row * OperatorFeatures.Count, OperatorFeatures.Count), alone);
            if (!alone.AsSpan().SequenceEqual(together.AsSpan(2 * row, 2)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The file says what the ensemble does, but for how sums are rounded (32-bit floats of some ten: 1e-4 is a hundred of their last places); and all components twice as long make
    /// the time twice as long.
    /// </summary>
    [Law(MaxTest = 50)]
    public bool The_file_is_the_ensemble_and_scales_as_its_components_do(int seed)
    {
        const double Tolerance = 1e-4;
        Random random = new(seed);
        OperatorFamily family = (OperatorFamily)random.Next(Enum.GetValues<OperatorFamily>().Length);
        TimedOperators rows = RandomSurrogates.Rows(random);
        TimeEnsemble ensemble = RandomSurrogates.Ensemble(rows, family, random.Next(1000));
        using OnnxEfficiency model = OnnxEfficiency.Load(
            TimeNetworkFile.Write(new Dictionary<OperatorFamily, TimeEnsemble> { [family] = ensemble }, FormParameters.Starts, new Dictionary<(string, string), double[]>(), []), "random");
        float[] answers = new float[2 * rows.Count];
        model.Evaluate(family, rows.Features, answers);
        return Enumerable.Range(0, rows.Count).All(row =>
        {
            Span<float> own = rows.Features.AsSpan(row * OperatorComponents.Count, OperatorComponents.Count);
            double logarithm = ensemble.Logarithm(own, out double halfWidth);
            bool isSame = Math.Abs(answers[2 * row] - logarithm) < Tolerance && Math.Abs(answers[(2 * row) + 1] - halfWidth) < Tolerance;
            foreach (ref float component in own[..OperatorComponents.Most])
            {
                component += MathF.Log(2);
            }

            return isSame && Math.Abs(ensemble.Logarithm(own, out _) - logarithm - Math.Log(2)) < Tolerance;
        });
    }

    [Law(MaxTest = 200)]
    public bool The_grid_gives_each_batch_the_point_below_it(PositiveInt batch)
    {
        double sequences = batch.Get + ((batch.Get % 7) / 7d);
        int index = BatchGrid.IndexOf(sequences);
        return BatchGrid.At(index) <= sequences
            && (index == BatchGrid.Count - 1 || BatchGrid.At(index + 1) > sequences)
            && BatchGrid.IndexOf(BatchGrid.At(index)) == index;
    }

    /// <summary>
    /// Twice the rows, columns or depth of a product: by the shipped model of efficiencies it never takes less time beyond the tolerance that its card states, and
    /// hardly ever noticeably less.
    /// </summary>
    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(1, 1, 2)]
    public void More_work_never_takes_less_time_beyond_the_tolerance(double moreRows, double moreColumns, double moreDepth)
    {
        const int Draws = 3000;
        const double Tolerance = 0.2;
        const double Noticeable = 0.1;
        RooflineChip[] chips =
        [
            new(108, 2039e9, 312e12, 624e12, 624e12), new(132, 3350e9, 989.4e12, 1978.9e12, 1978.9e12), new(148, 8000e9, 2250e12, 4500e12, 9000e12),
        ];
        LearnedTimes times = new(Efficiencies.Value);
        Random random = new(5);
        int noticed = 0;
        for (int draw = 0; draw < Draws; draw++)
        {
            int chip = random.Next(chips.Length);
            OperatorShape shape = new(
                OperatorFamily.Product,
                chip == 0 ? NumberKind.SixteenBit : (NumberKind)random.Next(3),
                Math.Max(1, Math.Floor(Math.Exp(random.NextDouble() * 9.5))),
                128 * Math.Floor(Math.Exp(random.NextDouble() * 4.8)),
                128 * Math.Floor(Math.Exp(random.NextDouble() * 4.8)));
            double less = times.Microseconds(shape, chips[chip]);
            OperatorShape larger = shape with { Rows = shape.Rows * moreRows, Columns = shape.Columns * moreColumns, Depth = shape.Depth * moreDepth };
            double more = times.Microseconds(larger, chips[chip]);
            Assert.True(more >= less * (1 - Tolerance), $"{shape}: {less} us, {larger}: {more} us");
            noticed += more < less * (1 - Noticeable) ? 1 : 0;
        }

        Assert.InRange(noticed, 0, Draws / 200);
    }

    /// <summary>More rows never take less time, and a faster memory never makes anything slower: without a tolerance, whatever the model's weights.</summary>
    [Law(MaxTest = 300)]
    public bool More_rows_are_never_faster_and_more_bandwidth_is_never_slower(int choice, int seed)
    {
        OnnxEfficiency model = (choice & 1) == 0 ? Limits.Value : RandomSurrogates.Pick(0);
        LearnedTimes times = new(model);
        Random random = new(seed);
        OperatorFamily family = (OperatorFamily)random.Next(Enum.GetValues<OperatorFamily>().Length);
        OperatorShape shape = RandomSurrogates.Shape(family, random);
        RooflineChip chip = RandomSurrogates.Peaks(random);
        RooflineChip faster = chip with { MemoryBytesPerSecond = chip.MemoryBytesPerSecond * (1 + (random.NextDouble() * 3)) };
        OperatorShape larger = shape with { Rows = shape.Rows + random.Next(1, 200) };
        double time = times.Microseconds(shape, chip);
        return time > 0
            && times.Microseconds(larger, chip) >= time
            && times.Microseconds(shape, faster) <= time;
    }

    /// <summary>No batch exceeds what few operations say of a plan of learned times, and none that meets a limit is larger.</summary>
    [Law]
    public bool No_batch_exceeds_what_learned_times_leave(Job job, int choice, PositiveInt share)
    {
        if (LearnedDecode(job, choice) is not { IsReachable: true, HasLanes: true, IsMonotone: false } priced)
        {
            return true;
        }

        const double Rounding = 1e-11;
        DecodePlan plan = new(priced.Table, priced.Rates, priced.Memory);
        Assert.True(double.IsFinite(plan.MostTokensPerRankSecond(1, double.PositiveInfinity, double.PositiveInfinity)));
        double[] batches = [1, 2, 3, 5, 8, 13, 16, 17, 18, 31, 40, 64, 100, 333, 1000, 5000];
        PlanFigures[] figures = [.. batches.Select(batch => plan.At(batch))];
        double limit = share.Get % 4 == 0 ? double.PositiveInfinity : figures[share.Get % figures.Length].PerTokenSeconds * (1 + Rounding);
        for (int upTo = 0; upTo < batches.Length; upTo++)
        {
            double most = plan.MostTokensPerRankSecond(batches[upTo], limit, double.PositiveInfinity) * (1 + Rounding);
            double largest = plan.MostSequences(batches[upTo], limit);
            for (int one = 0; one <= upTo; one++)
            {
                double rate = figures[one].TokensPerRankSecond;
                Assert.True(
                    figures[one].PerTokenSeconds > limit
                        || (rate <= most && batches[one] <= largest && plan.MostTokensPerRankSecond(batches[upTo], limit, rate) >= rate * (1 - Rounding)),
                    $"{plan.Table.Shape.Layout}: {rate} tokens/s at {batches[one]}, limit {limit} s: bound up to {batches[upTo]} {most}, largest {largest}");
            }
        }

        return true;
    }

    private static readonly Lazy<OnnxEfficiency> Efficiencies = new(() => Shipped("operators.onnx"));

    private static readonly Lazy<OnnxEfficiency> Limits = new(() => Shipped("limits.onnx"));

    private static OnnxEfficiency Shipped(string name) => OnnxEfficiency.Load(File.ReadAllBytes(Repository.PathOf("data", "surrogates", name)), name);

    private static DecodePlan? LearnedDecode(Job job, int choice)
    {
        Job learned = RandomSurrogates.Learned(job, choice);

        // With a vocabulary, whose logits are a part of learned times alone.
        if ((choice & 8) != 0)
        {
            learned = learned with { Accounting = Accounting.Physical, Model = learned.Model with { Vocabulary = 1000 + (choice & 0xffff) } };
        }

        if (RandomPlans.Layout(learned, choice) is not { } layout)
        {
            return null;
        }

        DecodePlan plan = RandomPlans.Decode(learned, layout);
        plan.Rates.Learn(new LearnedTimes(RandomSurrogates.Pick(choice)));
        LaunchPricing.Price(plan.Table, plan.Rates, 5000);
        return plan;
    }

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond);
}
