using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>
/// The rows of one phase in the seed's order (docs/file-formats.md, "Result"); names carry the phase's prefix, spelled as the seed
/// spells them.
/// </summary>
internal sealed class PhaseRows
{
    private const double FlopsPerReportedTeraflop = 1024d * 1024d * 1024d * 1024d;

    private readonly string prefix;
    private readonly PhaseColumn[] columns;
    private readonly bool isDecode;

    public PhaseRows(IEnumerable<JobResult> results, Phase phase)
    {
        columns = results.Select(result => PhaseColumn.Of(result, phase)).ToArray();
        isDecode = phase == Phase.Decode;
        prefix = isDecode ? "decoder" : "prefill";
    }

    public IEnumerable<ResultRow> System(int networkTiers)
    {
        yield return Input(Categories.System, "system_name", column => column.Chip.Name);
        yield return Input(Categories.System, "matix_flops", column => Cell.Of(column.Rates.PeakMatrixFlopsPerSecond / FlopsPerReportedTeraflop));
        yield return Input(Categories.System, "mem1_capacity(Gib)", column => Cell.Of(column.Chip.Memory.CapacityGibibytes));
        yield return Input(Categories.System, "mem1_bindwidth(GBps)", column => Cell.Of(column.Chip.Memory.GigabytesPerSecond));
        for (int index = 0; index < networkTiers; index++)
        {
            int tier = index;
            yield return Input(
                Categories.System, $"network{tier}_bw(GBps)", column => Network(column, tier, network => Cell.Of(network.GigabytesPerSecond)));
            yield return Input(
                Categories.System, $"network{tier}_latency(s)", column => Network(column, tier, network => Cell.Of(network.LatencySeconds)));
        }
    }

    public IEnumerable<ResultRow> Execution()
    {
        const string Category = Categories.Execution;
        yield return Input(Category, "num_procs", column => Cell.Of(column.Cards ?? column.Job.Cards));
        yield return Input(Category, "num_npu", column => Cell.Of(column.Cards));
        yield return Plan(Category, "dp", winner => Cell.Of(winner.Layout.DataParallel));
        yield return Plan(Category, "tp", winner => Cell.Of(winner.Layout.TensorParallel));
        yield return Plan(Category, "pp", winner => Cell.Of(winner.Layout.PipelineParallel));
        yield return Plan(Category, "cp", winner => Cell.Of(winner.Layout.ContextParallel));
        yield return Plan(Category, "sp", winner => Cell.Of(winner.Shape.RowRanks));
        yield return Plan(Category, "moe_dp", winner => Cell.Of(winner.Layout.ExpertDataParallel));
        yield return Plan(Category, "moe_tp", winner => Cell.Of(winner.Layout.ExpertTensorParallel));
        yield return Plan(Category, "ep", winner => Cell.Of(winner.Layout.ExpertParallel));
        yield return Plan(Category, "microbatchsize", winner => Cell.Of(winner.MicroBatch));
        yield return Plan(Category, "attn_microbatchsize", winner => Cell.Of(ForExperts(winner, winner.Shape.AttentionBatches * winner.Sequences)));
        yield return Plan(Category, "card_mbs", winner => Cell.Of(winner.InFlight / winner.Layout.Cards));
        yield return Input(
            Category, "flops_type", column => string.Join(' ', column.Job.Types.Matrix, column.Job.Types.Attention, column.Job.Types.Vector));
        yield return Input(Category, "mtp_token", column => Cell.Of(isDecode ? column.Job.Prediction.DraftTokens : 0));
        yield return Input(Category, "time_limit(ms)", column => Cell.Of(column.LimitMilliseconds));
        yield return Input(Category, "TPS", column => Cell.Of(1000 / column.LimitMilliseconds));
        yield return Plan(Category, "moe_redundant_expert_num", winner => Cell.Of(winner.Layout.RedundantExperts));
        yield return Input(
            Category,
            "deploy_shared_expert_for_each_npu",
            column => Cell.Of(
                column.Job.SharedExpertOnEveryCard
                && column.Job.Model.Experts is { SharedExpertsPerToken: > 0 }
                && (isDecode || column.Job.Mode == ServingMode.Fusion)));
    }

    public IEnumerable<ResultRow> Statistics()
    {
        const string Category = Categories.Statistics;
        yield return Plan(Category, "request_per_second", winner => Cell.Of(winner.RequestsPerSecond));
        yield return Plan(Category, "mbs_time(s)", winner => Cell.Of(PerToken(winner) * winner.RequestTokens));
        yield return Plan(Category, "tp_comm_time(s)", winner => Cell.Of(Passes(winner) * winner.Breakdown.Time.ExposedTensorSeconds));
        yield return Plan(Category, "ep_comm_time(s)", winner => Cell.Of(Passes(winner) * winner.Breakdown.Time.ExposedExpertSeconds));
        yield return Plan(Category, "cp_comm_time(s)", winner => Cell.Of(Passes(winner) * winner.Breakdown.Time.ExposedContextSeconds));
        yield return Plan(Category, "sp_comm_time(s)", winner => Cell.Of(Passes(winner) * winner.Breakdown.Time.ExposedSequenceSeconds));
        yield return Plan(Category, "time_per_token(s)", winner => Cell.Of(PerToken(winner)));
        yield return Plan(
            Category, "attn_time_per_token(s)", winner => Cell.Of(ForExperts(winner, winner.Breakdown.Time.AttentionSeconds / StepTokens(winner))));
        yield return Plan(
            Category, "mlp_time_per_token(s)", winner => Cell.Of(ForExperts(winner, winner.Breakdown.Time.FeedForwardSeconds / StepTokens(winner))));

        yield return Instance("compute_time_used(s)", part => part.ComputeBoundSeconds);
        yield return Instance("mem_time_used(s)", part => part.MemoryBoundSeconds);
        yield return Plan(
            Category,
            "instance_comm_time_exposed(s)",
            winner => Cell.Of(winner.Breakdown.Time.ExposedSeconds));
        yield return Instance("cube_process_time(s)", part => part.MatrixSeconds);
        yield return Instance("vector_process_time(s)", part => part.VectorSeconds);
        yield return Instance("compute_time(s)", part => part.ComputeSeconds);
        yield return Instance("mem_time(s)", part => part.MemorySeconds);

        yield return Attention("process_time(s)", part => part.ProcessSeconds);
        yield return Attention("mem_accessed", part => part.Bytes);
        yield return Attention("mem_time(s)", part => part.MemorySeconds);
        yield return Attention("flops", part => part.Flops);
        yield return Attention("compute_time(s)", part => part.ComputeSeconds);
        yield return Attention("bmm_compute_time(s)", part => part.BatchedProductComputeSeconds);
        yield return Attention("bmm_mem_time(s)", part => part.BatchedProductMemorySeconds);
        yield return Attention("ffn_compute_time(s)", part => part.FeedForwardComputeSeconds);
        yield return Attention("ffn_mem_time(s)", part => part.FeedForwardMemorySeconds);

        yield return FeedForward("process_time(s)", part => part.ProcessSeconds);
        yield return Gibibytes("instance_mlp_weight_space(Gib)", winner => ForExperts(winner, winner.Memory.FeedForwardWeightBytes));
        yield return Gibibytes("instance_attn_weight_space(Gib)", winner => ForExperts(winner, winner.Memory.AttentionWeightBytes));
        yield return Gibibytes(
            "instance_mlp_act_working_space(Gib)",
            winner => ForExperts(winner, winner.Memory.FeedForwardWorkingBytesPerSequence * winner.Sequences));
        yield return Gibibytes(
            "instance_attn_act_working_space(Gib)",
            winner => ForExperts(winner, winner.Memory.AttentionWorkingBytesPerSequence * winner.Sequences));
        yield return FeedForward("mem_accessed", part => part.Bytes);
        yield return FeedForward("mem_time(s)", part => part.MemorySeconds);
        yield return FeedForward("flops", part => part.Flops);
        yield return FeedForward("compute_time(s)", part => part.ComputeSeconds);
        yield return FeedForward("ffn_compute_time(s)", part => part.FeedForwardComputeSeconds);
        yield return FeedForward("ffn_mem_time(s)", part => part.FeedForwardMemorySeconds);

        yield return Gibibytes("mem_space(Gib)", winner => winner.Memory.SpaceBytes(winner.Sequences));
        yield return Gibibytes("tier1_mem(Gib)", winner => winner.Memory.TotalBytes(winner.Sequences));
        yield return Gibibytes("tp_comm_mem_size(Gib)", winner => CommunicationVolume.TensorParallelBytes(winner.Table, winner.Sequences));
        yield return Gibibytes("ep_comm_mem_size(Gib)", winner => CommunicationVolume.ExpertParallelBytes(winner.Shape, winner.Sequences));
        yield return Gibibytes("cp_comm_mem_size(Gib)", winner => CommunicationVolume.ContextParallelBytes(winner.Table, winner.Sequences));
        yield return Gibibytes("sp_comm_mem_size(Gib)", winner => CommunicationVolume.Bytes(winner.Table, ExchangeGroup.SequenceParallel, winner.Sequences));

        // The seed's own row has no prefix; in decode it keeps its name.
        ResultRow cache = Gibibytes("kv_cache_total_mem(Gib)", winner => winner.Memory.CacheBytesPerSequence * winner.Sequences);
        yield return isDecode ? cache with { Field = "kv_cache_total_mem(Gib)" } : cache;
    }

    /// <summary>Whether learned efficiencies answered, and within what they were trained among.</summary>
    public ResultRow EfficiencyModel() => Plan(Categories.Statistics, "efficiency_model", winner => Training.Words(winner.IsBeyondTraining));

    /// <summary>Attention ranks that share a dense feed-forward out.</summary>
    public ResultRow AttentionDataParallel() => Plan(Categories.Statistics, "attention_data_parallel", winner => Cell.Of(winner.Layout.AttentionDataParallel));

    /// <summary>What the cards of a dense feed-forward exchange: cards that share the hidden size out, and that gather each other's weights.</summary>
    public IEnumerable<ResultRow> FeedForwardExchange() =>
    [
        Plan(Categories.Statistics, "ffn_hidden", winner => Cell.Of(winner.Layout.FeedForward.HiddenWays)),
        Plan(Categories.Statistics, "ffn_gathered", winner => Cell.Of(winner.Layout.FeedForward.GatheredWays)),
    ];

    /// <summary>What lies in a second memory, and how long a pass streams.</summary>
    public IEnumerable<ResultRow> SecondMemory() =>
        SecondMemoryRows.Figures.Select(figure => Plan(Categories.Statistics, figure.Name, winner => Cell.Of(figure.Value(winner))));

    /// <summary>What the phase's cards cost and draw by themselves, as far as some chip says.</summary>
    public IEnumerable<ResultRow> Economics(StatedEconomics stated) => EconomicFigures.OfPhase.Where(figure => figure.IsStated(stated))
        .Select(figure => Plan(Categories.Statistics, figure.Name, winner => Cell.OrEmpty(figure.Value(winner.Pool), figure.Name)));

    /// <summary>Passes through a stage that a token (decode) or a prompt (prefill) waits for.</summary>
    private static double Passes(PhaseWinner winner) => winner.Shape.Phase == Phase.Decode
        ? winner.Shape.PipelineSlots / winner.Shape.Prediction.TokensPerStep
        : winner.Layout.PipelineParallel;

    /// <summary>Tokens of one sequence that a pass yields or reads: what a stage's time is divided by to make it a token's.</summary>
    private static double StepTokens(PhaseWinner winner) =>
        winner.Shape.Phase == Phase.Decode ? winner.Shape.Prediction.TokensPerStep : winner.Shape.Lengths.Input;

    private static double PerToken(PhaseWinner winner) =>
        winner.Shape.Phase == Phase.Decode ? winner.LatencySeconds : winner.LatencySeconds / winner.Shape.Lengths.Input;

    /// <summary>The seed prints some figures for a mixture of experts alone, and 0 for a dense model.</summary>
    private static double ForExperts(PhaseWinner winner, double value) => winner.Shape.Model.Experts is null ? 0 : value;

    private static string Network(PhaseColumn column, int tier, Func<NetworkTier, string> value) =>
        tier < column.Chip.Networks.Count ? value(column.Chip.Networks[tier]) : Cell.Empty;

    private ResultRow Input(string category, string field, Func<PhaseColumn, string> value) =>
        Row(category, field, column => column.IsInPlay ? value(column) : Cell.Empty);

    private ResultRow Plan(string category, string field, Func<PhaseWinner, string> value) =>
        Row(category, field, column => column.Winner is { } winner ? value(winner) : Cell.Empty);

    private ResultRow Gibibytes(string field, Func<PhaseWinner, double> bytes) =>
        Plan(Categories.Statistics, field, winner => Cell.Of(bytes(winner) / DeviceMemory.BytesPerGibibyte));

    private ResultRow Instance(string field, Func<PartBreakdown, double> value) => Plan(
        Categories.Statistics,
        $"instance_{field}",
        winner => Cell.Of(value(winner.Breakdown.Attention) + value(winner.Breakdown.FeedForward) + value(winner.Breakdown.Logits)));

    private ResultRow Attention(string field, Func<PartBreakdown, double> value) =>
        Plan(Categories.Statistics, $"instance_attn_{field}", winner => Cell.Of(value(winner.Breakdown.Attention)));

    private ResultRow FeedForward(string field, Func<PartBreakdown, double> value) =>
        Plan(Categories.Statistics, $"instance_mlp_{field}", winner => Cell.Of(value(winner.Breakdown.FeedForward)));

    private ResultRow Row(string category, string field, Func<PhaseColumn, string> value) =>
        new(category, string.Create(CultureInfo.InvariantCulture, $"{prefix}_{field}"), Array.ConvertAll(columns, column => value(column)));
}
