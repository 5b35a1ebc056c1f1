using FastSim.Kernels.Lanes;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Every engine finds the same plan for every job, at every lane width.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class EngineLaws
{
    [Law(MaxTest = 1000)]
    public bool Bound_finds_what_exhaustive_finds(Job job) => Agree(job, EngineKind.Bound, EngineKind.Exhaustive);

    [Law(MaxTest = 300)]
    public bool Bound_finds_what_the_scalar_reference_finds(Job job) => Agree(job, EngineKind.Bound, EngineKind.Scalar);

    [Law(MaxTest = 150)]
    public Property Under_tables_all_engines_agree() => Prop.ForAll(
        Arb.From(RandomJobs.JobsWithTables),
        job => Agree(job, EngineKind.Bound, EngineKind.Scalar) && Agree(job, EngineKind.Exhaustive, EngineKind.Scalar));

    [Law(MaxTest = 100)]
    public Property Under_tables_that_reward_small_operators_or_shapes_all_engines_agree() => Prop.ForAll(
        Arb.From(RandomJobs.JobsWithOddTables),
        job => Agree(job, EngineKind.Bound, EngineKind.Scalar) && Agree(job, EngineKind.Exhaustive, EngineKind.Scalar));

    [Law(MaxTest = 150)]
    public Property Under_tables_of_many_steps_all_engines_agree() => Prop.ForAll(
        Arb.From(RandomJobs.JobsWithStaircases),
        job => Agree(job, EngineKind.Bound, EngineKind.Scalar) && Agree(job, EngineKind.Exhaustive, EngineKind.Scalar));

    [Law(MaxTest = 300)]
    public bool Balanced_splits_too(Job job) => AgreeOnBalanced(job);

    [Law(MaxTest = 150)]
    public Property Balanced_splits_under_tables_too() => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), AgreeOnBalanced);

    [Law(MaxTest = 60)]
    public bool Balanced_splits_with_a_surrogate_too(Job job, int choice) =>
        AgreeOnBalanced(RandomSurrogates.Learned(job with { Cards = Math.Min(job.Cards, TestLength.Of(13, 4)) }, choice));

    [Law(MaxTest = 150)]
    public bool Stated_batches_and_layouts_are_searched_alike(Job job, PositiveInt size, PositiveInt count, PositiveInt choice)
    {
        int sequences = size.Get % 40;
        BatchTriple[] batches = [new(sequences + 1, 1, sequences + 1), new((count.Get % 3 + 1) * 2, count.Get % 3 + 1, 2)];
        AttentionTriple[]? layouts = choice.Get % 2 == 0 ? null : [new(job.Cards, 1, 1), new(1, 1, job.Cards), new(1, job.Cards, 1)];
        Job stated = job with { Mode = ServingMode.Fusion, Decode = new PlanRestriction(layouts, null, batches) };
        return Agree(stated, EngineKind.Bound, EngineKind.Scalar) && Agree(stated, EngineKind.Exhaustive, EngineKind.Scalar);
    }

    [Law(MaxTest = 100)]
    public bool Lane_width_and_threads_change_nothing_not_even_counters(Job job)
    {
        JobResult expected = JobSolver.Solve(job, EngineSettings.Default with { Threads = 1, Width = LaneWidth.Scalar });
        return LaneWidths.All.All(width => new[] { 1, 3 }.All(threads =>
        {
            JobResult found = JobSolver.Solve(job, EngineSettings.Default with { Threads = threads, Width = width });
            return Same(expected, found)
                && expected.DecodeTally?.Evaluated == found.DecodeTally?.Evaluated
                && expected.DecodeTally?.CandidatesTooSlow == found.DecodeTally?.CandidatesTooSlow
                && expected.PrefillTally?.Outbid == found.PrefillTally?.Outbid;
        }));
    }

    [Law(MaxTest = 300)]
    public bool Candidates_are_counted_once(Job job) => CountsOnce(job);

    [Law(MaxTest = 150)]
    public Property So_they_are_under_tables(int stated) => Prop.ForAll(
        Arb.From(RandomJobs.JobsWithOddTables),
        job => CountsOnce(job) && CountsOnce(job with { Decode = new PlanRestriction(null, null, [new((stated & 15) + 1, 1, (stated & 15) + 1)]) }));

    /// <summary>More threads than the machine has use for are not made.</summary>
    [Law(MaxTest = 20)]
    public bool Threads_without_number_change_nothing(Job job) =>
        Enum.GetValues<EngineKind>().All(kind => Same(
            JobSolver.Solve(job, new EngineSettings(kind, 1, LaneWidths.Best)),
            JobSolver.Solve(job, new EngineSettings(kind, int.MaxValue, LaneWidths.Best))));

    /// <summary>Each candidate was removed by one check, or evaluated, or left as no better than another.</summary>
    private static bool CountsOnce(Job job) => new[] { EngineKind.Bound, EngineKind.Exhaustive }.All(kind =>
    {
        JobResult result = JobSolver.Solve(job, EngineSettings.Default with { Kind = kind });
        return new[] { result.PrefillTally, result.DecodeTally }.OfType<SearchTally>().All(tally =>
            tally.Evaluated + tally.CandidatesIndivisible + tally.CandidatesTooLarge + tally.CandidatesTooSlow <= tally.Candidates
            && tally.CandidatesIndivisible >= 0 && tally.CandidatesTooLarge >= 0 && tally.CandidatesTooSlow >= 0);
    });

    private static bool AgreeOnBalanced(Job job)
    {
        Job balanced = job with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced };
        return Agree(balanced, EngineKind.Bound, EngineKind.Scalar) && Agree(balanced, EngineKind.Exhaustive, EngineKind.Scalar);
    }

    private static bool Agree(Job job, EngineKind first, EngineKind second)
    {
        JobResult one = JobSolver.Solve(job, EngineSettings.Default with { Kind = first });
        JobResult other = JobSolver.Solve(job, EngineSettings.Default with { Kind = second });
        Assert.Equal(Key(one.Prefill), Key(other.Prefill));
        Assert.Equal(Key(one.Decode), Key(other.Decode));
        return true;
    }

    private static bool Same(JobResult first, JobResult second) =>
        Key(first.Prefill) == Key(second.Prefill) && Key(first.Decode) == Key(second.Decode);

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Latency) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond, winner?.LatencySeconds);
}
