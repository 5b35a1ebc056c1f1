using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>With padded heads every search finds the same plan, no worse than without; layouts that divide the heads cost the same to the bit.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class PaddedHeadLaws
{
    [Law(MaxTest = 150)]
    public bool Bound_is_exhaustive_is_scalar(Job job) => SearchAgreement.OfEngines(Padding(job));

    [Law(MaxTest = 40)]
    public Property Under_tables_too() => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), job => SearchAgreement.OfEngines(Padding(job)));

    [Law(MaxTest = 60)]
    public Property Under_an_engine_too() => Prop.ForAll(RandomServing.Jobs(), job => SearchAgreement.OfEngines(Padding(job)));

    [Law(MaxTest = 60)]
    public bool A_variant_gets_what_a_run_gives_it(Job job, int seed) => SweepLaws.Agree(Padding(job), seed, 4);

    /// <summary>More layouts to choose from, and those that were there cost what they did; of plans as good to a rounding the one on fewer cards wins. A split weighs two pools against each other.</summary>
    [Law(MaxTest = 100)]
    public bool More_layouts_are_never_slower(Job job)
    {
        const double Rounding = 1e-11;
        if (job.Mode == ServingMode.Split)
        {
            return true;
        }

        JobResult with = JobSolver.Solve(Padding(job), EngineSettings.Default);
        JobResult without = JobSolver.Solve(job, EngineSettings.Default);
        return !without.HasPlan || (with.HasPlan && with.Decode!.TokensPerSecond >= without.Decode!.TokensPerSecond * (1 - Rounding));
    }

    [Law(MaxTest = 200)]
    public bool Layouts_that_divide_cost_the_same(Job job, int choice, bool prefills)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        Phase phase = prefills ? Phase.Prefill : Phase.Decode;
        OperatorTable with = Lower(Padding(job), phase, layout);
        OperatorTable without = Lower(job, phase, layout);
        return with.Count == without.Count && Enumerable.Range(0, with.Count).All(op => (with.Flops(op, 3), with.Bytes(op, 3)) == (without.Flops(op, 3), without.Bytes(op, 3)));
    }

    /// <summary>All cards of a rank together have at least the model's heads, and the cache at least what one card would hold of it.</summary>
    [Law(MaxTest = 300)]
    public bool Cards_have_all_heads(PositiveInt groups, PositiveInt shared, PositiveInt cards)
    {
        TransformerModel model = new("heads", 8, 8, 1, AttentionKind.GroupQuery, groups.Get * shared.Get, groups.Get, 2, null, true, false, 0, 0, null) { PadsHeads = true };
        double queries = HeadShares.Queries(model, cards.Get);
        double kept = HeadShares.KeysAndValues(model, cards.Get);
        return queries * cards.Get >= model.Heads && kept * cards.Get >= model.KeyValueHeads && (queries - 1) * cards.Get < model.Heads && kept * shared.Get >= queries;
    }

    private static Job Padding(Job job) => job with { Model = job.Model with { PadsHeads = true } };

    private static OperatorTable Lower(Job job, Phase phase, ParallelLayout layout) => StageLowering.Lower(new DeploymentShape(
        job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, phase, layout, layout.PipelineParallel));
}
