using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Sweeps;

/// <summary>A sweep that was read and checked: its file, its variants, its columns.</summary>
internal sealed class SweepPlan
{
    /// <summary>As many as leave each thread a few blocks of a small sweep, and whose answers stay in a core's caches until their rows are written.</summary>
    private const int SearchedPerBlock = 512;
    private const int PricedPerBlock = 256;
    private const int StudiedPerBlock = 8;

    public SweepPlan(SweepFile file, SweepSpace space, SweepInputs inputs, long firstGroup, SweepGroup first)
    {
        File = file;
        Space = space;
        Inputs = inputs;
        FirstGroup = firstGroup;
        First = first;
        Columns = SweepColumns.Of(first.Jobs, inputs.HasPrefill, inputs.HasDecode, inputs.Asked, StatedBy(space) | StatedEconomics.Of(first.Chips));
        AxisNames = space.Names;
        string[] numbers = [.. AxisNames, .. Columns.Where(column => column.Number is not null).Select(column => column.Name)];
        string[] taken =
        [
            "variant", "job", "cost", "score", SuiteScore.Column, "reason", .. Columns.Select(column => column.Name), .. AxisNames.Select(name => $"elasticity_{name}"),
            .. file.Mix is null ? Array.Empty<string>() : [SuiteScore.Column],
        ];
        if (AxisNames.FirstOrDefault(taken.Contains) is { } clash)
        {
            string where = space.Derived.Any(number => number.Name == clash) ? "derive" : "axes";
            throw new ConfigurationException($"{file.File}: {where}: found the name {clash}, which a column of the result has; expected another");
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
            .. file.Mix is null ? Array.Empty<string>() : [SuiteScore.Column],
            SweepColumns.Reason.Name,
        ];
        HashSet<string> texts = [.. Columns.Where(column => column.Text is not null).Select(column => column.Name), SweepColumns.Reason.Name];
        Kinds = [.. Header.Select(name => name is "variant" or "job" ? ColumnKind.Whole : texts.Contains(name) ? ColumnKind.Text : ColumnKind.Number)];
        foreach (Objective objective in file.Pareto)
        {
            if (!Names.Contains(objective.Field) && !(objective.Field == "score" && file.Score is not null) && !(objective.Field == SuiteScore.Column && file.Mix is not null))
            {
                string nearest = NearestName.Of(objective.Field, Names) is { } near ? $"; did you mean \"{near}\"?" : "";
                throw new ConfigurationException($"{file.File}: pareto: found {objective.Field}; expected a column of numbers{nearest}");
            }
        }

        CheckMix();
        CheckUses();
    }

    /// <summary>Whether a job's variants are studied one by one: it is to be best in something else than throughput, or limited in what deployments cost or draw.</summary>
    public static bool IsStudied(Job job) => job.Objective != PlanObjective.Throughput || job.HasEconomicLimit;

    /// <summary>Variants that are answered at once: fewer where each is searched by itself, fewest where it is studied, so that threads share them.</summary>
    public int VariantsPerBlock
    {
        get
        {
            bool arePriced = Array.Exists(First.Jobs, job => job.Job.Engine is not null);
            return Array.Exists(First.Jobs, job => IsStudied(job.Job)) ? StudiedPerBlock : arePriced ? PricedPerBlock : SearchedPerBlock;
        }
    }

    /// <summary>Blocks of variants.</summary>
    public long Blocks => (Space.Count + VariantsPerBlock - 1) / VariantsPerBlock;

    /// <summary>The file.</summary>
    public SweepFile File { get; private set; }

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

    /// <summary>Names of the axes' columns and of the derived numbers.</summary>
    public IReadOnlyList<string> AxisNames { get; }

    /// <summary>Names that a score may use.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The column that ranks the variants of a job: the suite's score, or the score, or the throughput of a card where there is none.</summary>
    public string RankedBy => File.Mix is not null ? SuiteScore.Column : File.Score is null ? SweepColumns.PerCard : "score";

    /// <summary>The result's header.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>Kind of each column of the result.</summary>
    public IReadOnlyList<ColumnKind> Kinds { get; }

    /// <summary>Whether the rows that the sweep goes on by are columns: where the result is Parquet nobody asks for text.</summary>
    public bool KeepsColumns => File.ResultName.EndsWith(".parquet", StringComparison.Ordinal);

    /// <summary>Names that a cost may use.</summary>
    public IReadOnlyList<string> CostNames => [.. Names.Where(name => name != "cost")];

    /// <summary>What axes and derived numbers state of cost and energy, whether files do or not.</summary>
    private static StatedEconomics StatedBy(SweepSpace space)
    {
        IReadOnlyList<object>[] places = [.. space.Paths.Where(path => path.IsOfSystem).Select(path => path.Steps)];
        return new StatedEconomics(
            Array.Exists(places, place => place is [EconomicsReader.Price]),
            Array.Exists(places, place => place is [EconomicsReader.Board]),
            Array.Exists(places, place => place is ["mem1", EconomicsReader.OfByte]));
    }

    private void CheckMix()
    {
        foreach ((string key, IReadOnlyList<double>? numbers) in new[] { ("weights", File.Mix?.Weights), ("references", File.Mix?.References) })
        {
            if (numbers is not null && numbers.Count != First.Jobs.Length)
            {
                throw new ConfigurationException($"{File.File}: mix.{key}: found {numbers.Count} numbers; expected one of each of the runtime's {First.Jobs.Length} jobs");
            }
        }
    }

    /// <summary>An axis that drives nothing, and that nothing names, is a slip: every variant would be there as often as it has steps.</summary>
    private void CheckUses()
    {
        HashSet<string> used = [.. Space.DerivedFormulas().Concat(new[] { Filter(), Cost(), Score() }.OfType<Formula>()).SelectMany(formula => formula.Names), .. File.Pareto.Select(objective => objective.Field)];
        if (Space.Axes.FirstOrDefault(axis => axis.Targets.Count == 0 && !axis.Columns.Any(column => used.Contains(column.Name))) is { } idle)
        {
            throw new ConfigurationException($"{File.File}: axes: found {idle.Label}, which has no path and which no expression names; expected a path, or an expression over it under derive, filter, cost or score");
        }
    }

    /// <summary>The same sweep, each of whose jobs is ranked by the throughput of a card: what has a plan has one, whatever a score makes of it.</summary>
    public SweepPlan ByThroughput()
    {
        SweepPlan plan = (SweepPlan)MemberwiseClone();
        plan.File = File with { Score = null, Cost = null, Mix = null, Best = 1, StatesPareto = false };
        return plan;
    }

    /// <summary>A filter of a thread's own; null when there is none.</summary>
    public Formula? Filter() => Formula.Of(File.File, "filter", File.Filter, AxisNames);

    /// <summary>A cost of a thread's own; null when there is none.</summary>
    public Formula? Cost() => Formula.Of(File.File, "cost", File.Cost, CostNames, isPositive: true);

    /// <summary>A score of a thread's own; null when there is none.</summary>
    public Formula? Score() => Formula.Of(File.File, "score", File.Score, Names);
}
