using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Planning;
using FastSim.Cli.Reports;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.DeploymentReports;

/// <summary>The report of a plan or a job: the best deployment, where its time goes, and the others.</summary>
/// <param name="answer">What was found.</param>
/// <param name="command">The command that finds it again.</param>
internal sealed class DeploymentPage(PlanAnswer answer, string command)
{
    private const double Milliseconds = 1000;

    private readonly PageTips tips = new();

    /// <summary>Writes the page.</summary>
    public void Write(TextWriter writer)
    {
        Job job = answer.Studies[0].Result.Job;
        string chips = job.PrefillChip.Name == job.DecodeChip.Name ? job.DecodeChip.Name : $"{job.PrefillChip.Name} and {job.DecodeChip.Name}";
        string engine = job.Engine is { } known ? $", {known.Name}" : "";
        HtmlPage page = new(string.Create(CultureInfo.InvariantCulture, $"{job.Model.Name} on {job.Cards:N0} {chips}{engine}"));
        page.Paragraph(DeploymentWords.Question(job), "soft");
        if (answer.Best is { } best)
        {
            WriteBest(page, best);
        }
        else
        {
            page.Paragraph("No deployment meets the limits.");
            page.Facts(answer.Studies.SelectMany(Missed));
        }

        page.Heading("What it was asked");
        page.Facts(Question(job));
        page.Verbatim("The runtime", answer.Runtime, "runtime");
        page.Verbatim("The command", command, "command");
        page.Write(writer, tips.Texts);
    }

    private void WriteBest(HtmlPage page, PlannedDeployment best)
    {
        page.Paragraph(string.Join(' ', DeploymentWords.Sentences(best)));
        page.Tiles(Tiles(best));
        page.Facts(Facts(best));
        page.Heading("Where the time goes");
        page.Plots(Passes(best));
        page.Heading("What fits, and what a larger batch does");
        page.Plots([MemoryPlot.Draw(DeploymentWords.Pools(best), tips), .. BatchPlots.Draw(best, tips)]);
        page.Heading("The alternatives");
        page.Plots([FrontChart.Draw(answer.Studies, best, tips), EffectPlot.Draw(answer.Helps, best.Job.Objective, tips)]);
        page.Table(RankingTable.Of(answer.Ranking), "ranking");
    }

    /// <summary>Figures that matter most: what a deployment does, and as far as that is known what it costs and draws.</summary>
    private static IEnumerable<(PageCell Figure, string Unit)> Tiles(PlannedDeployment best)
    {
        bool decodes = best.Point.Decode is not null;
        yield return (PageCell.Of(best.RequestsPerSecond, "G4"), "requests/s");
        yield return (PageCell.Of(best.TokensPerCardSecond, "N1"), decodes ? "tokens/s a card" : "prompt tokens/s a card");
        if (decodes)
        {
            yield return (PageCell.Of(best.Point.TokensPerUserSecond, "0.#"), "tokens/s a user");
        }

        if (best.Point.Merit.FirstTokenSeconds > 0)
        {
            yield return (PageCell.Of(best.Point.Merit.FirstTokenSeconds * Milliseconds, "N0"), $"ms to the first token{Limit(best.Job.Limits.FirstTokenMilliseconds)}");
        }

        if (decodes)
        {
            yield return (PageCell.Of(best.Point.Merit.PerTokenSeconds * Milliseconds, "0.0"), $"ms a further token{Limit(best.Job.Limits.PerTokenMilliseconds)}");
        }

        DeploymentEconomics economics = DeploymentEconomics.Of(best.Result);
        string token = decodes ? "token" : "prompt token";
        (double Figure, string Unit)[] known =
        [
            (economics.DollarsPerMillionTokens, $"$ a million {token}s"), (economics.JoulesPerToken, $"J a {token}"), (economics.TokensPerSecondPerWatt, $"{token}s/s a watt"),
        ];
        foreach ((double figure, string unit) in known.Where(each => !double.IsNaN(each.Figure)))
        {
            yield return (PageCell.Of(figure, "G4"), unit);
        }
    }

    private IEnumerable<(string Name, string Said)> Facts(PlannedDeployment best)
    {
        foreach ((string name, PhaseWinner phase) in DeploymentWords.Pools(best))
        {
            Utilisation used = best.IsSplit ? Utilisation.Of(phase) : Utilisation.Of(best.Result.Prefill!, phase);
            yield return ($"{name}, used of peak", Text($"{used.Flops * 100:0} % of FLOP/s, {used.Bandwidth * 100:0} % of memory bandwidth"));
            string held = best.IsSplit && phase != best.Limiting ? "waits for the other" : Shortfall.Ending(best, phase);
            yield return ($"{name}, batch ends by", $"{held}; {Slowed(phase)}");
        }

        if (EconomicsText.Figures(best.Result) is { } price)
        {
            yield return ("cost", price);
        }

        if (Confidence.Of(best) is { } interval)
        {
            string runnerUp = answer.Ranking.Count < 2 ? "" : Confidence.IsWithin(answer.Ranking[1], best, interval) ? "; the runner-up is within that" : "; the runner-up is not within that";
            yield return ("how sure", Text($"{interval.LowMilliseconds:0.0} to {interval.HighMilliseconds:0.0} ms a token, {PerTokenInterval.Probability * 100:0} % likely{runnerUp}"));
        }
    }

    /// <summary>What takes most of the time; a power cap slows whatever does.</summary>
    private static string Slowed(PhaseWinner phase) => phase.Breakdown.Time.ThrottledSeconds > 0 ? "clocked down by the power cap" : $"most of the time: {Bottleneck.Of(phase)}";

    private IEnumerable<Plot> Passes(PlannedDeployment best)
    {
        List<(string Name, string What, PhaseWinner Winner)> passes = [];
        if (best.Result.Decode is { } decode)
        {
            passes.Add(("pass-decode", "a decode pass", decode));
        }

        if (best.Result.Prefill is { } prefill)
        {
            passes.Add(("pass-prefill", best.IsSplit ? "a prefill pass" : "the pass of a prompt", prefill));
        }

        foreach ((string name, string what, PhaseWinner winner) in passes)
        {
            IReadOnlyList<PassPiece> pieces = PassPiece.Of(winner);
            yield return PassPlot.Draw(name, what, pieces, Latency(best, winner), tips);
            yield return RooflinePlot.Draw(name.Replace("pass", "roofline", StringComparison.Ordinal), what, winner, pieces, tips);
        }
    }

    /// <summary>What a pass is to the latency that a user sees.</summary>
    private static string Latency(PlannedDeployment best, PhaseWinner winner)
    {
        bool isDecode = winner == best.Result.Decode;
        string stages = winner.Layout.PipelineParallel > 1 ? Text($"{winner.Layout.PipelineParallel} stages, ") : "";
        string engine = winner.Shape.Engine is null ? "" : isDecode && !best.IsSplit ? "the host, and prompts between the steps, " : "the host and waiting, ";
        return stages.Length + engine.Length == 0 ? "" : Text($" With {stages}{engine}a user sees {Labels.Of(winner.LatencySeconds * Milliseconds)} ms {(isDecode ? "a token" : "to the first token")}.");
    }

    private static IEnumerable<(string Name, string Said)> Missed(JobStudy study)
    {
        string way = study.Result.Job.Mode == ServingMode.Split ? "prefill and decode apart" : "every card does both";
        foreach (SearchTally tally in PlanAnswer.TalliesOf(study))
        {
            yield return (way, TallyText.Counts(tally));
            if (TallyText.NearestMiss(tally) is { } miss)
            {
                yield return ("nearest miss", miss);
            }
        }

        if (TallyText.NearestMiss(study.Result) is { } cost)
        {
            yield return ("nearest miss", cost);
        }
    }

    private static IEnumerable<(string Name, string Said)> Question(Job job)
    {
        yield return ("model", job.Model.Name);
        yield return ("cards", Text($"{job.Cards:N0}"));
        yield return ("load and limits", DeploymentWords.Question(job));
        foreach (Chip chip in new[] { job.PrefillChip, job.DecodeChip }.DistinctBy(chip => chip.Name))
        {
            ComputeUnit[] units = chip.UnitsOf(job.Types);
            yield return (
                "chip",
                Text($"{chip.Name}: {job.Types.Matrix} {Labels.Of(units[0].Teraflops)} TFLOP/s, {Labels.Of(chip.Memory.CapacityGibibytes)} GiB at {Labels.Of(chip.Memory.GigabytesPerSecond)} GB/s, links {string.Join(", ", chip.Networks.Select(tier => $"{Labels.Of(tier.GigabytesPerSecond)} GB/s to {tier.Size} cards"))}"));
        }

        yield return ("engine", job.Engine is { } engine ? engine.Name : "none: operators of the cost model, each by itself");
        yield return ("best in", RuntimeFile.Objectives.Single(objective => objective.Value == job.Objective).Key);
    }

    private static string Limit(double? limit) => limit is { } most ? Text($", limit {most:#,0.###}") : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
