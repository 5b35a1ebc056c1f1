using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Sweeps;

/// <summary>A sweep that was read and checked: its file, its variants, its columns.</summary>
internal sealed class SweepPlan
{
    private const int SearchedPerBlock = 2048;
    private const int StudiedPerBlock = 8;

    public SweepPlan(SweepFile file, SweepSpace space, SweepInputs inputs, long firstGroup, SweepGroup first)
    {
        File = file;
        Space = space;
        Inputs = inputs;
        FirstGroup = firstGroup;
        First = first;
        Columns = SweepColumns.Of(first.Jobs, inputs.HasPrefill, inputs.HasDecode, inputs.SharesContexts, StatedBy(space.Axes) | StatedEconomics.Of(first.Chips));
        AxisNames = [.. space.Axes.SelectMany(axis => axis.Columns).Select(column => column.Name)];
        string[] numbers = [.. AxisNames, .. Columns.Where(column => column.Number is not null).Select(column => column.Name)];
        string[] taken =
        [
            "variant", "job", "cost", "score", "reason", .. Columns.Select(column => column.Name), .. AxisNames.Select(name => $"elasticity_{name}"),
        ];
        if (AxisNames.FirstOrDefault(taken.Contains) is { } clash)
        {
            throw new ConfigurationException($"{file.File}: axes: found the name {clash}, which a column of the result has; expected another");
        }

        Names = [.. numbers, .. file.Cost is null ? Array.Empty<string>() : ["cost"]];
        Header =
        [
            "variant",
            "job",
            .. AxisNames,
            .. Columns.Select(column => column.Name),
            .. file.Cost is null ? Array.Empty<string>() : ["cost"],
            .. file.Score is null ? Array.Empty<string>() : ["score"],
            SweepColumns.Reason.Name,
        ];
        foreach (Objective objective in file.Pareto)
        {
            if (!Names.Contains(objective.Field) && !(objective.Field == "score" && file.Score is not null))
            {
                string nearest = NearestName.Of(objective.Field, Names) is { } near ? $"; did you mean \"{near}\"?" : "";
                throw new ConfigurationException($"{file.File}: pareto: found {objective.Field}; expected a column of numbers{nearest}");
            }
        }
    }

    /// <summary>Whether variants are studied one by one: some job is to be best in something else than throughput.</summary>
    public bool IsStudied => Array.Exists(First.Jobs, job => job.Job.Objective != PlanObjective.Throughput);

    /// <summary>Variants that are answered at once: few where each is studied, so that threads share them.</summary>
    public int VariantsPerBlock => IsStudied ? StudiedPerBlock : SearchedPerBlock;

    /// <summary>The file.</summary>
    public SweepFile File { get; }

    /// <summary>The variants.</summary>
    public SweepSpace Space { get; }

    /// <summary>Where groups come from.</summary>
    public SweepInputs Inputs { get; }

    /// <summary>Number of the first group that has variants.</summary>
    public long FirstGroup { get; }

    /// <summary>That group; all have jobs of the same modes and models.</summary>
    public SweepGroup First { get; }

    /// <summary>Columns between the axes and the expressions.</summary>
    public IReadOnlyList<SweepColumn> Columns { get; }

    /// <summary>Names of the axes' columns.</summary>
    public IReadOnlyList<string> AxisNames { get; }

    /// <summary>Names that a score may use.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The column that ranks the variants of a job: the score, or the throughput of a card where there is none.</summary>
    public string RankedBy => File.Score is null ? SweepColumns.PerCard : "score";

    /// <summary>The result's header.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>Names that a cost may use.</summary>
    public IReadOnlyList<string> CostNames => [.. Names.Where(name => name != "cost")];

    /// <summary>What axes state of cost and energy, whether files do or not.</summary>
    private static StatedEconomics StatedBy(IReadOnlyList<SweepAxis> axes)
    {
        IReadOnlyList<object>[] places = [.. axes.SelectMany(axis => axis.Targets).Where(target => target.Path.IsOfSystem).Select(target => target.Path.Steps)];
        return new StatedEconomics(
            Array.Exists(places, place => place is [EconomicsReader.Price]),
            Array.Exists(places, place => place is [EconomicsReader.Board]),
            Array.Exists(places, place => place is ["mem1", EconomicsReader.OfByte]));
    }

    /// <summary>A filter of a thread's own; null when there is none.</summary>
    public Formula? Filter() => Formula.Of(File.File, "filter", File.Filter, AxisNames);

    /// <summary>A cost of a thread's own; null when there is none.</summary>
    public Formula? Cost() => Formula.Of(File.File, "cost", File.Cost, CostNames);

    /// <summary>A score of a thread's own; null when there is none.</summary>
    public Formula? Score() => Formula.Of(File.File, "score", File.Score, Names);
}
