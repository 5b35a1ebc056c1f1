using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>One answer of a sweep, with what is derived from it, as its row shows it. Reused row after row.</summary>
internal sealed class SweepAnswer
{
    private VariantPlan prefill;
    private VariantPlan decode;
    private bool decodeLimits;

    /// <summary>The variant.</summary>
    public long Variant { get; private set; }

    /// <summary>Place of the job in the runtime.</summary>
    public int JobIndex { get; private set; }

    /// <summary>The job.</summary>
    public Job Job { get; private set; } = null!;

    /// <summary>Whether there is a plan.</summary>
    public bool HasPlan { get; private set; }

    /// <summary>Why there is none; nothing where there is one.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The plan that prefills in a phase of its own, if found; in its place, since every column asks for it.</summary>
    public ref readonly VariantPlan Prefill => ref prefill;

    /// <summary>The plan that decodes, or does both, if found.</summary>
    public ref readonly VariantPlan Decode => ref decode;

    /// <summary>Requests/s of the whole; NaN without a plan.</summary>
    public double RequestsPerSecond { get; private set; }

    /// <summary>Tokens/s of the whole: generated ones, or prompt tokens where only prefill runs.</summary>
    public double TokensPerSecond { get; private set; }

    /// <summary>The same by card.</summary>
    public double TokensPerSecondPerCard { get; private set; }

    /// <summary>Time to first token, ms; NaN where no phase prefills.</summary>
    public double FirstTokenMilliseconds { get; private set; }

    /// <summary>Time per output token, ms; NaN where no phase decodes.</summary>
    public double PerTokenMilliseconds { get; private set; }

    /// <summary>The same three at the ends of the plans' intervals, the smaller and the larger of each; NaN without intervals.</summary>
    public WholeInterval Interval { get; private set; }

    /// <summary>The phase that holds the whole back: the one that serves fewer requests; none without a plan.</summary>
    public ref readonly VariantPlan Limiting => ref decodeLimits ? ref decode : ref prefill;

    /// <summary>What the whole costs and draws.</summary>
    public DeploymentEconomics Economics { get; private set; }

    /// <summary>Takes an answer.</summary>
    public void Load(long variant, int jobIndex, Job job, in VariantResult result)
    {
        Variant = variant;
        JobIndex = jobIndex;
        Job = job;
        prefill = result.Prefill;
        decode = result.Decode;
        HasPlan = prefill.IsFound || decode.IsFound;
        Reason = HasPlan ? "" : SweepWords.Of(result);
        Economics = DeploymentEconomics.Of(job, prefill.Pool, decode.Pool);
        if (!HasPlan)
        {
            RequestsPerSecond = TokensPerSecond = TokensPerSecondPerCard = FirstTokenMilliseconds = PerTokenMilliseconds = double.NaN;
            Interval = WholeInterval.None;
            return;
        }

        WholeFigures whole = WholeFigures.Of(job, prefill, decode, static (in VariantPlan plan) => plan.Figures);
        decodeLimits = whole.DecodeLimits;
        RequestsPerSecond = whole.RequestsPerSecond;
        TokensPerSecond = whole.TokensPerSecond;
        TokensPerSecondPerCard = whole.TokensPerSecondPerCard;
        FirstTokenMilliseconds = whole.FirstTokenMilliseconds;
        PerTokenMilliseconds = whole.PerTokenMilliseconds;
        Interval = WholeInterval.Of(job, prefill, decode);
    }
}

/// <summary>A column of a sweep's result: its name, and a number or a text of an answer.</summary>
/// <param name="Name">The name.</param>
/// <param name="Number">The number; NaN prints nothing. Null for a column of text.</param>
/// <param name="Text">The text. Null for a column of numbers.</param>
internal sealed record SweepColumn(string Name, Func<SweepAnswer, double>? Number, Func<SweepAnswer, string>? Text);

/// <summary>The columns between a sweep's axes and its expressions.</summary>
internal static class SweepColumns
{
    /// <summary>Column of the throughput that picks the best where no score does.</summary>
    public const string PerCard = "tokens_per_second_per_card";

    /// <summary>Columns of jobs.</summary>
    /// <param name="jobs">The jobs of the first group.</param>
    /// <param name="hasPrefill">Whether some group prefills in a phase of its own.</param>
    /// <param name="hasDecode">Whether some group decodes.</param>
    /// <param name="asked">Dimensions of layouts that some group asks for.</param>
    /// <param name="stated">What some chip, or axis, states of cost and energy.</param>
    public static IReadOnlyList<SweepColumn> Of(IReadOnlyList<SweepJob> jobs, bool hasPrefill, bool hasDecode, AskedDimensions asked, StatedEconomics stated)
    {
        List<SweepColumn> columns =
        [
            Text("model", answer => answer.Job.Model.Name),
            Number("seq_size", answer => answer.Job.Lengths.Input),
            Number("out_size", answer => answer.Job.Lengths.Output),
            Number("requests_per_second", answer => answer.RequestsPerSecond),
            Number("tokens_per_second", answer => answer.TokensPerSecond),
            Number(PerCard, answer => answer.TokensPerSecondPerCard),
            Number("ttft_ms", answer => answer.FirstTokenMilliseconds),
            Number("tpot_ms", answer => answer.PerTokenMilliseconds),
            Text("bound", answer => answer.Limiting.IsFound ? Bottleneck.Word(answer.Limiting.TimeBound) : ""),
            Text("batch_bound", answer => answer.Limiting.IsFound ? SweepWords.Of(answer.Limiting.BatchBound) : ""),
        ];
        if (jobs.Any(job => PlanInterval.AreStated(job.Job)))
        {
            columns.AddRange(WholeInterval.Columns.Select(column => Number(column.Name, answer => column.Value(answer.Interval))));
        }

        // Which phases a split runs may differ from group to group; their columns stand in all of them.
        bool hasSecond = jobs.Any(job => SecondMemoryRows.AreAsked(job.Job));
        bool isSplit = jobs.Any(job => job.Job.Mode == ServingMode.Split);
        if (isSplit && hasPrefill)
        {
            columns.AddRange(Phase("prefill", PrefillOf, jobs.Any(job => job.Job.PrefillChip.Efficiency is not null), asked, hasSecond));
            columns.AddRange(Economics("prefill", PrefillOf, stated));
        }

        if (hasDecode || !isSplit)
        {
            columns.AddRange(Phase("decoder", DecodeOf, jobs.Any(job => job.Job.DecodeChip.Efficiency is not null), asked, hasSecond));
        }

        if (isSplit && hasDecode)
        {
            columns.AddRange(Economics("decoder", DecodeOf, stated));
        }

        columns.AddRange(EconomicFigures.OfDeployment.Where(figure => figure.IsStated(stated))
            .Select(figure => Number(figure.Name, answer => figure.Value(answer.Economics))));
        return columns;
    }

    /// <summary>The last column: why there is no plan.</summary>
    public static SweepColumn Reason { get; } = Text("reason", answer => answer.Reason);

    private delegate ref readonly VariantPlan PlanOf(SweepAnswer answer);

    private delegate double FigureOf(SweepAnswer answer, in VariantPlan found);

    private static ref readonly VariantPlan PrefillOf(SweepAnswer answer) => ref answer.Prefill;

    private static ref readonly VariantPlan DecodeOf(SweepAnswer answer) => ref answer.Decode;

    private static IEnumerable<SweepColumn> Phase(string phase, PlanOf plan, bool isLearned, AskedDimensions asked, bool hasSecond)
    {
        SweepColumn Figure(string name, FigureOf value) => Number($"{phase}_{name}", answer =>
        {
            ref readonly VariantPlan found = ref plan(answer);
            return found.IsFound ? value(answer, found) : double.NaN;
        });
        yield return Figure("cards", (SweepAnswer _, in VariantPlan found) => found.Layout.Cards);
        yield return Figure("dp", (SweepAnswer _, in VariantPlan found) => found.Layout.DataParallel);
        yield return Figure("pp", (SweepAnswer _, in VariantPlan found) => found.Layout.PipelineParallel);
        yield return Figure("tp", (SweepAnswer _, in VariantPlan found) => found.Layout.TensorParallel);
        foreach ((string name, int index) in asked.Names.Select((name, index) => (name, index)))
        {
            yield return Figure(name, (SweepAnswer _, in VariantPlan found) => asked.Values(found.Layout, phase == "prefill").ElementAt(index));
        }

        yield return Figure("ep", (SweepAnswer answer, in VariantPlan found) => answer.Job.Model.Experts is null ? double.NaN : found.Layout.ExpertParallel);
        yield return Figure("moe_tp", (SweepAnswer answer, in VariantPlan found) => answer.Job.Model.Experts is null ? double.NaN : found.Layout.ExpertTensorParallel);
        yield return Figure("moe_dp", (SweepAnswer answer, in VariantPlan found) => answer.Job.Model.Experts is null ? double.NaN : found.Layout.ExpertDataParallel);
        yield return Figure("redundant_experts", (SweepAnswer answer, in VariantPlan found) => answer.Job.Model.Experts is null ? double.NaN : found.Layout.RedundantExperts);
        yield return Figure("microbatch", (SweepAnswer answer, in VariantPlan found) => answer.Job.Model.Experts is null ? found.Sequences : found.Sequences / found.Layout.RankCards);
        yield return Figure("num_bs", (SweepAnswer _, in VariantPlan found) => found.MicroBatches);
        yield return Figure("tokens_per_second", (SweepAnswer _, in VariantPlan found) => found.Figures.TokensPerSecond);
        yield return Figure("memory_gib", (SweepAnswer _, in VariantPlan found) => found.MemoryBytes / DeviceMemory.BytesPerGibibyte);
        if (hasSecond)
        {
            yield return Figure("mem2_weight_share", (SweepAnswer _, in VariantPlan found) => found.Layout.Second.Weights);
            yield return Figure("mem2_cache_share", (SweepAnswer _, in VariantPlan found) => found.Layout.Second.Cache);
            yield return Figure("mem2_gib", (SweepAnswer _, in VariantPlan found) => found.SecondMemoryBytes / DeviceMemory.BytesPerGibibyte);
        }

        if (isLearned)
        {
            yield return Figure("beyond_training", (SweepAnswer _, in VariantPlan found) => found.IsBeyondTraining ? 1 : 0);
        }
    }

    /// <summary>What the cards of a phase of a split cost and draw by themselves.</summary>
    private static IEnumerable<SweepColumn> Economics(string phase, PlanOf plan, StatedEconomics stated) =>
        EconomicFigures.OfPhase.Where(figure => figure.IsStated(stated)).Select(figure => Number(
            $"{phase}_{figure.Name}", answer => answer.Job.Mode == ServingMode.Split && plan(answer).Pool is { } pool ? figure.Value(pool) : double.NaN));

    private static SweepColumn Number(string name, Func<SweepAnswer, double> value) => new(name, value, null);

    private static SweepColumn Text(string name, Func<SweepAnswer, string> value) => new(name, null, value);
}
