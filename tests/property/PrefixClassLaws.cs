using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;

namespace FastSim.Laws.Tests;

/// <summary>Prompts of several classes by what they find cached (docs/cost-model.md, "Prefixes"): one class is a number, a mixture is between its classes, and every search finds the same plan.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class PrefixClassLaws
{
    /// <summary>What rounding makes of sums of some hundred terms that are the same.</summary>
    private const double Rounding = 1e-12;

    /// <summary>To the bit.</summary>
    [Law(MaxTest = 75)]
    public bool One_class_is_a_number(Job drawn, int seed)
    {
        Job job = SecondMemoryLaws.Tiered(drawn, seed);
        JobResult number = JobSolver.Solve(job, EngineSettings.Default);
        JobResult one = JobSolver.Solve(
            job with { Prefixes = PrefixClasses.Of([new PrefixClass(0.25, job.Model.CachedTokens), new PrefixClass(0.75, job.Model.CachedTokens)]) }, EngineSettings.Default);
        Assert.Equal(Key(number.Prefill), Key(one.Prefill));
        Assert.Equal(Key(number.Decode), Key(one.Decode));
        return true;
    }

    [Law(MaxTest = 60)]
    public bool Bound_is_exhaustive_is_scalar(Job job, int seed) => SearchAgreement.OfEngines(Mixed(SecondMemoryLaws.Tiered(job, seed), seed));

    [Law(MaxTest = 40)]
    public bool So_it_is_in_either_accounting(Job job, int seed) => SearchAgreement.OfEngines(Mixed(job with { Cards = Math.Min(job.Cards, 12) }, seed));

    [Law(MaxTest = 30)]
    public bool A_variant_gets_what_a_run_gives_it(Job job, int seed) => SecondMemoryLaws.SweepAgrees(Mixed(SecondMemoryLaws.Tiered(job, seed), seed), seed);

    /// <summary>Each operator's FLOP, bytes and message are the mean over the classes, reached experts aside.</summary>
    [Law(MaxTest = 200)]
    public bool Work_is_the_mean_over_the_classes(Job drawn, int seed, int choice, PositiveInt batch)
    {
        Job job = Mixed(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        double sequences = (batch.Get % 40) + 1;
        OperatorTable mixed = RandomPlans.Prefill(job, layout).Table;
        (double Share, OperatorTable Table)[] classes = [.. OfClasses(job).Select(each => (each.Share, RandomPlans.Prefill(each.Job, layout).Table))];
        for (int op = 0; op < mixed.Count; op++)
        {
            int at = op;
            if (!IsSame(mixed.Flops(op, sequences), classes.Sum(each => each.Share * each.Table.Flops(at, sequences)))
                || !IsSame(mixed.BytesConstant[op] + (mixed.BytesPerSequence[op] * sequences), classes.Sum(each => each.Share * (each.Table.BytesConstant[at] + (each.Table.BytesPerSequence[at] * sequences))))
                || !IsSame(mixed.Exchanges[op].MessageBytes.At(sequences), classes.Sum(each => each.Share * each.Table.Exchanges[at].MessageBytes.At(sequences)))
                || mixed.WeightElements[op] != classes[0].Table.WeightElements[op])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// A pass takes no longer than that of the slowest class, and where prefixes lie in the first memory no less than that of the fastest (elsewhere one prompt's prefix comes behind another's work); the
    /// first memory holds what it holds of the class with the most new tokens, and both between the two.
    /// </summary>
    [Law(MaxTest = 300)]
    public bool A_mixture_is_between_its_classes(Job drawn, int seed, int choice, PositiveInt batch)
    {
        Job job = Mixed(SecondMemoryLaws.Tiered(drawn, seed), seed);
        if (RandomPlans.Layout(job, choice) is not { } layout || !RandomPlans.Prefill(job, layout).IsReachable)
        {
            return true;
        }

        double sequences = (batch.Get % 40) + 1;
        PrefillPlan mixed = RandomPlans.Prefill(job, layout);
        PrefillPlan[] classes = [.. OfClasses(job).Select(each => RandomPlans.Prefill(each.Job, layout))];
        double seconds = mixed.At(sequences).FirstTokenSeconds;
        double[] each = [.. classes.Select(plan => plan.At(sequences).FirstTokenSeconds)];
        double second = mixed.SecondMemoryBytes(sequences);
        return seconds <= each.Max() * (1 + Rounding)
            && (job.Prefix.Location != PrefixLocation.FirstMemory || seconds >= each.Min() * (1 - Rounding))
            && mixed.MemoryBytes(sequences) == classes.Max(plan => plan.MemoryBytes(sequences))
            && second <= classes.Max(plan => plan.SecondMemoryBytes(sequences)) * (1 + Rounding)
            && second >= classes.Min(plan => plan.SecondMemoryBytes(sequences)) * (1 - Rounding);
    }

    /// <summary>A faster store of prefixes is never worse, of one class as of several.</summary>
    [Law(MaxTest = 60)]
    public bool A_faster_store_is_never_worse(Job drawn, int seed, bool isClass, byte by)
    {
        Job tiered = SecondMemoryLaws.Tiered(drawn, seed);
        Job job = (isClass ? Mixed(tiered, seed) : tiered) with { Prefix = new PrefixStore(PrefixLocation.Remote, 1e5 * (1 + by)) };
        Job faster = job with { Prefix = job.Prefix with { RemoteBytesPerSecond = job.Prefix.RemoteBytesPerSecond * (1.1 + (seed & 7)) } };
        return Requests(JobSolver.Solve(faster, EngineSettings.Default)) >= Requests(JobSolver.Solve(job, EngineSettings.Default)) * (1 - Rounding);
    }

    /// <summary>A larger hit is never worse where prefixes cost nothing to have, of a number as of a class.</summary>
    [Law(MaxTest = 100)]
    public bool More_hits_are_never_worse(Job drawn, int seed, bool isClass)
    {
        Random random = new(seed);
        Job job = (isClass ? Mixed(drawn, seed) : drawn with { Model = drawn.Model with { CachedTokens = random.Next(drawn.Lengths.Input) } }) with
        {
            Cards = Math.Min(drawn.Cards, 12),
        };
        Job more = job.Prefixes is { } prefixes
            ? With(job, PrefixClasses.Of(prefixes.Classes.Select((each, index) => index == 0 ? each with { CachedTokens = random.Next(each.CachedTokens, job.Lengths.Input) } : each)))
            : job with { Model = job.Model with { CachedTokens = random.Next(job.Model.CachedTokens, job.Lengths.Input) } };
        return Requests(JobSolver.Solve(more, EngineSettings.Default)) >= Requests(JobSolver.Solve(job, EngineSettings.Default)) * (1 - Rounding);
    }

    private static double Requests(JobResult result) => result switch
    {
        { Job.Mode: ServingMode.Split, Prefill: { } prefill, Decode: { } decode } => Math.Min(prefill.RequestsPerSecond, decode.RequestsPerSecond),
        { Prefill: null, Decode: null } => 0,
        { Decode: { } decode } => decode.RequestsPerSecond,
        _ => result.Prefill!.RequestsPerSecond,
    };

    private static bool IsSame(double one, double other) => Math.Abs(one - other) <= Rounding * Math.Max(Math.Abs(one), Math.Abs(other));

    private static IEnumerable<(double Share, Job Job)> OfClasses(Job job) => job.Prefixes!.Classes.Select(each =>
        (each.Share, job with { Prefixes = null, Model = job.Model with { CachedTokens = each.CachedTokens } }));

    /// <summary>The job with one to four classes of prompts; of a prompt of one token there is one.</summary>
    private static Job Mixed(Job job, int seed)
    {
        Random random = new(seed);
        double[] weights = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => 0.05 + random.NextDouble())];
        return With(job, PrefixClasses.Of(weights.Select(weight => new PrefixClass(weight / weights.Sum(), random.Next(3) == 0 ? 0 : random.Next(job.Lengths.Input)))));
    }

    private static Job With(Job job, PrefixClasses prefixes) => job with { Prefixes = prefixes, Model = job.Model with { CachedTokens = prefixes.Fewest } };

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Latency) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond, winner?.LatencySeconds);
}
