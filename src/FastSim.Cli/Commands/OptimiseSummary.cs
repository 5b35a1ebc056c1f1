using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Optimising;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary>What a search for the best of a sweep tells when it is done.</summary>
internal sealed class OptimiseSummary(
    SweepPlan plan, BoxTally tally, TimeSpan elapsed, string folder, BestRow[] best, int? frontCount, bool hasPlan, IReadOnlyList<string> warnings)
{
    private static readonly (BoxFate Fate, string Words, string Property)[] Fates =
    [
        (BoxFate.Outbid, "that others outbid", "outbid"),
        (BoxFate.Exchanged, "that others beside them beat", "exchanged"),
        (BoxFate.Filtered, "that the filter leaves out", "filtered"),
        (BoxFate.Planless, "without a plan", "withoutPlan"),
        (BoxFate.Tied, "of one score throughout", "ofOneScore"),
        (BoxFate.Open, "gone through one by one", "answered"),
    ];

    /// <summary>Whether it is of a shard, whose best are not the sweep's.</summary>
    public bool IsShard { get; init; }

    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"optimise: {plan.Space.Count:N0} variants in {elapsed.TotalSeconds:0.00} s: {tally.Bounded:N0} boxes bounded, {tally.Answered:N0} variants answered"));
        string[] ends = [.. Fates.Where(fate => tally.Boxes(fate.Fate) > 0).Select(fate => string.Create(
            CultureInfo.InvariantCulture, $"{tally.Variants(fate.Fate):N0} {fate.Words} ({tally.Boxes(fate.Fate):N0})"))];
        writer.WriteLine($"variants (boxes): {string.Join(", ", ends)}");
        if (IsShard)
        {
            writer.WriteLine(OneLine.Of($"result: {SearchState.PathIn(folder)}"));
            return;
        }

        new BestText(plan, best).Write(writer);
        if (best.Length == 0 && plan.File.Best > 0)
        {
            writer.WriteLine(hasPlan ? $"best: none: no variant that has a plan has a {plan.RankedBy}" : "best: none: no variant has a plan");
        }

        if (frontCount is { } count)
        {
            writer.WriteLine(OneLine.Of(string.Create(CultureInfo.InvariantCulture, $"front: {count:N0} variants in {Path.Combine(folder, ParetoTable.Name)}")));
        }

        if (best.Length > 0)
        {
            writer.WriteLine(OneLine.Of($"result: {Path.Combine(folder, BestTable.Name)}, rows: {Path.Combine(folder, OptimiseCommand.RowsName)}"));
        }
    }

    /// <summary>The same as JSON.</summary>
    public string Json() => IndentedJson.Object(json =>
    {
        if (IsShard)
        {
            json.WriteString("result", SearchState.PathIn(folder));
        }
        else if (best.Length > 0)
        {
            json.WriteString("result", Path.Combine(folder, BestTable.Name));
            json.WriteString("rows", Path.Combine(folder, OptimiseCommand.RowsName));
        }

        if (frontCount is { } count)
        {
            json.WriteString("front", Path.Combine(folder, ParetoTable.Name));
            json.WriteNumber("frontVariants", count);
        }

        json.WriteNumber("variants", plan.Space.Count);
        json.WriteNumber("groups", plan.Space.Groups);
        json.WriteNumber("searchSeconds", elapsed.TotalSeconds);
        json.WriteNumber("boxesBounded", tally.Bounded);
        json.WriteNumber("variantsAnswered", tally.Answered);
        json.WriteStartObject("ends");
        foreach ((BoxFate fate, _, string property) in Fates)
        {
            json.WriteStartObject(property);
            json.WriteNumber("boxes", tally.Boxes(fate));
            json.WriteNumber("variants", tally.Variants(fate));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        new BestText(plan, best).Write(json);
        json.WriteTexts("warnings", warnings);
    });
}
