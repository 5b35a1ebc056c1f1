using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>A mode's result as the seed orders it: model, throughput, system, execution, statistics; in each, prefill before decode.</summary>
public sealed class ResultTable
{
    private const int FewestNetworkTiers = 2;

    private readonly IReadOnlyList<JobResult> results;

    private ResultTable(IReadOnlyList<JobResult> results, IReadOnlyList<ResultRow> rows)
    {
        this.results = results;
        Rows = rows;
    }

    /// <summary>The rows, in order.</summary>
    public IReadOnlyList<ResultRow> Rows { get; }

    /// <summary>Jobs, one a column.</summary>
    public int Columns => results.Count;

    /// <summary>Builds the table of some phases.</summary>
    /// <param name="results">The jobs' results.</param>
    /// <param name="phases">Phases that have rows.</param>
    public static ResultTable Of(IReadOnlyList<JobResult> results, params IReadOnlyList<Phase> phases)
    {
        ArgumentNullException.ThrowIfNull(results);
        return Of(results, TableShape.Of([.. results.Select(result => result.Job)]), phases);
    }

    /// <summary>Builds the table of some of the jobs of a larger one.</summary>
    /// <param name="results">The jobs' results.</param>
    /// <param name="shape">What all jobs of the larger table decide about its rows.</param>
    /// <param name="phases">Phases that have rows.</param>
    internal static ResultTable Of(IReadOnlyList<JobResult> results, TableShape shape, IReadOnlyList<Phase> phases)
    {
        ArgumentNullException.ThrowIfNull(phases);
        PhaseRows[] parts = phases.Select(phase => new PhaseRows(results, phase)).ToArray();
        List<ResultRow> rows =
        [
            .. ModelRows(results),
            .. ThroughputRows(results, phases),
            .. parts.SelectMany(part => part.System(Math.Max(shape.NetworkTiers, FewestNetworkTiers))),
            .. parts.SelectMany(part => part.Execution()),
        ];
        if (shape.IsFusion)
        {
            rows.Add(Row(results, Categories.Execution, "expert_par_net", ExpertNetworkTiers));
        }

        rows.AddRange(parts.SelectMany(part => part.Statistics()));
        if (shape.HasLearnedEfficiency)
        {
            rows.AddRange(parts.Select(part => part.EfficiencyModel()));
        }

        if (shape.Asked.FeedForwards)
        {
            rows.AddRange(parts.Select(part => part.AttentionDataParallel()));
        }

        if (shape.Asked.Exchanges)
        {
            rows.AddRange(parts.SelectMany(part => part.FeedForwardExchange()));
        }

        if (shape.HasSecondMemory)
        {
            rows.AddRange(parts.SelectMany(part => part.SecondMemory()));
        }

        if (phases.Count > 1)
        {
            rows.AddRange(DeploymentRows(results, shape.Economics));
        }

        if (!shape.IsFusion)
        {
            rows.AddRange(parts.SelectMany(part => part.Economics(shape.Economics)));
        }

        return new ResultTable(results, rows);
    }

    /// <summary>The table with rows of its own after the seed's.</summary>
    public ResultTable With(IEnumerable<ResultRow> extra) => new(results, [.. Rows, .. extra]);

    private static IEnumerable<ResultRow> ModelRows(IReadOnlyList<JobResult> results)
    {
        ResultRow Model(string field, Func<Job, string> value) => Row(results, Categories.Model, field, result => value(result.Job));
        yield return Model("model_name", job => job.Model.Name);
        yield return Model("seq_size", job => Cell.Of(job.Lengths.Input));
        yield return Model("out_size", job => Cell.Of(job.Lengths.Output));
        yield return Model("weight_byte", job => Cell.Of(job.Precision.WeightBytes));
        yield return Model("activation_byte", job => Cell.Of(job.Precision.ActivationBytes));
        yield return Model("cache_byte", job => Cell.Of(job.Precision.CacheBytes));
        yield return Model("comm_byte", job => Cell.Of(job.Precision.CommunicationBytes));
        yield return Model("use_flash_attn", job => Cell.Of(job.Model.FlashAttention));
    }

    private static IEnumerable<ResultRow> ThroughputRows(IReadOnlyList<JobResult> results, IReadOnlyList<Phase> phases)
    {
        foreach ((Phase phase, string name) in new[] { (Phase.Prefill, "prefill"), (Phase.Decode, "decoder") })
        {
            ResultRow Throughput(string field, Func<PhaseWinner, double> value) => Row(
                results,
                Categories.Throughput,
                $"{name}_{field}",
                result => phases.Contains(phase) && PhaseColumn.Of(result, phase).Winner is { } winner ? Cell.Of(value(winner)) : Cell.Empty);
            yield return Throughput("throughput(token/s)", winner => winner.TokensPerSecond);
            yield return Throughput("throughput_per_npu(token/s)", winner => winner.TokensPerSecond / winner.Layout.Cards);
        }
    }

    /// <summary>What deployments cost and draw, as far as some chip says.</summary>
    private static IEnumerable<ResultRow> DeploymentRows(IReadOnlyList<JobResult> results, StatedEconomics stated) =>
        EconomicFigures.OfDeployment.Where(figure => figure.IsStated(stated)).Select(figure => Row(
            results, Categories.Statistics, figure.Name, result => Cell.OrEmpty(figure.Value(DeploymentEconomics.Of(result)), figure.Name)));

    /// <summary>Network tiers that the expert group of a plan uses, innermost first, as the seed's list prints them.</summary>
    private static string ExpertNetworkTiers(JobResult result)
    {
        if (result.Decode is not { } winner)
        {
            return Cell.Empty;
        }

        foreach (Exchange exchange in winner.Table.Exchanges)
        {
            if (exchange.Group == ExchangeGroup.ExpertParallel && exchange.Collective == Kernels.Chips.Collective.AllToAll)
            {
                ExchangeLeg[] legs = new ExchangeLeg[winner.Rates.Chip.Networks.Count];
                int count = ExchangeCost.Legs(exchange, winner.Rates, legs);
                return string.Join(',', legs.Take(count).Select(leg => leg.Tier));
            }
        }

        return Cell.Empty;
    }

    private static ResultRow Row(IReadOnlyList<JobResult> results, string category, string field, Func<JobResult, string> value) =>
        new(category, field, results.Select(value).ToArray());
}
