using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using Spectre.Console;

namespace FastSim.Cli.Output;

/// <summary>The summary for people: a line a job, then why jobs have no plan.</summary>
internal static class ConsoleSummary
{
    public static void Write(IAnsiConsole console, ModeReport report)
    {
        TextTable table = new(
        [
            new("run"), new("model"), new("system"), new("phase"), new("best plan"), new("tokens/s/card", IsNumber: true), new("latency"), new("memory GiB"),
            new("bound by"),
        ]);
        foreach (string[] line in report.Results.SelectMany(Lines))
        {
            table.Add(Array.ConvertAll(line, OneLine.Of));
        }

        console.WriteLine(report.Run.Name);
        console.WriteLine();
        console.Write(table, isRuled: true);
        console.WriteLine();
        foreach (JobResult result in report.Results)
        {
            WriteTally(console, result, "prefill", result.PrefillTally);
            WriteTally(console, result, result.Job.Mode == ServingMode.Fusion ? "fusion" : "decode", result.DecodeTally);
            if (TallyText.NearestMiss(result) is { } cost)
            {
                console.WriteLine($"  nearest miss: {cost}");
            }

            if ((DeploymentText.Split(result) ?? DeploymentText.PartlyUsed(result)) is { } whole)
            {
                console.WriteLine(whole);
            }

            if (EconomicsText.Of(result) is { } economics)
            {
                console.WriteLine(economics);
            }

            if (TimingText.Of(result) is { } timing)
            {
                console.WriteLine(timing);
            }
        }

        if (TimingText.OfWiring(report.Results) is { } wiring)
        {
            console.WriteLine(OneLine.Of(wiring));
        }

        int beyond = report.Results.Count(result => result.Prefill?.IsBeyondTraining == true || result.Decode?.IsBeyondTraining == true);
        if (beyond > 0)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"efficiency model: {beyond} of {report.Results.Count} jobs run operators, or on chips, beyond its training ({string.Join(", ", report.Results.Where(result => result.Prefill?.IsBeyondTraining == true || result.Decode?.IsBeyondTraining == true).Take(10).Select(result => $"run_{result.Job.Index}"))}{(beyond > 10 ? ", …" : "")})"));
        }

        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{report.Results.Count} jobs searched in {report.SearchTime.TotalSeconds:0.000} s"));
        if (report.ResultPath is { } path)
        {
            console.WriteLine(OneLine.Of($"results: {path}"));
        }
    }

    private static IEnumerable<string[]> Lines(JobResult result)
    {
        PhaseWinner[] winners = new[] { result.Prefill, result.Decode }.OfType<PhaseWinner>().ToArray();
        if (winners.Length == 0)
        {
            Chip chip = result.Job.DecodeChip;
            yield return [Cell.Of(result.Job.Index), result.Job.Model.Name, chip.Name, "", ConsoleTable.NoPlan, "", "", "", ""];
        }

        foreach (PhaseWinner winner in winners)
        {
            bool isDecode = winner.Shape.Phase == Phase.Decode;
            double used = winner.Memory.TotalBytes(winner.Sequences) / DeviceMemory.BytesPerGibibyte;
            yield return
            [
                Cell.Of(result.Job.Index),
                winner.Shape.Model.Name,
                winner.Rates.Chip.Name,
                isDecode ? "decode" : "prefill",
                PlanText(winner),
                TokensText(winner),
                string.Create(CultureInfo.InvariantCulture, $"{(isDecode ? "TPOT" : "TTFT")} {winner.LatencySeconds * 1000:0.0##} ms"),
                isDecode || result.Job.Mode == ServingMode.Split
                    ? string.Create(CultureInfo.InvariantCulture, $"{Small(used, "0.0")} of {Small(winner.Rates.Chip.Memory.CapacityGibibytes, "0.##")}{SecondText(winner)}")
                    : "with decode",
                Bottleneck.Of(winner),
            ];
        }
    }

    /// <summary>A figure in a form; in three digits where that would show next to nothing of it.</summary>
    private static string Small(double figure, string form) => figure.ToString(figure < 0.1 ? "G3" : form, CultureInfo.InvariantCulture);

    /// <summary>What lies in a second memory, after what lies in the first.</summary>
    private static string SecondText(PhaseWinner winner)
    {
        double used = winner.Memory.SecondBytes(winner.Sequences) / DeviceMemory.BytesPerGibibyte;
        return used == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" + {Small(used, "0.0")} of {Small(winner.Rates.Chip.SecondMemory!.CapacityGibibytes, "0.##")}");
    }

    /// <summary>Tokens/s of a card; where a prefill finds some of them cached, those it serves and those it computes.</summary>
    private static string TokensText(PhaseWinner winner)
    {
        string served = string.Create(CultureInfo.InvariantCulture, $"{winner.TokensPerSecond / winner.Layout.Cards:N1}");
        return winner.ComputedTokensPerSecond == winner.TokensPerSecond
            ? served
            : string.Create(CultureInfo.InvariantCulture, $"{served} served, {winner.ComputedTokensPerSecond / winner.Layout.Cards:N1} computed");
    }

    private static string PlanText(PhaseWinner winner)
    {
        ParallelLayout layout = winner.Layout;
        string experts = winner.Shape.Model.Experts is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" EP{layout.ExpertParallel} MoE-TP{layout.ExpertTensorParallel} MoE-DP{layout.ExpertDataParallel} R{layout.RedundantExperts}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{layout.Cards} cards: DP{layout.DataParallel} PP{layout.PipelineParallel}{(layout.ContextParallel == 1 ? "" : $" CP{layout.ContextParallel}")} TP{layout.TensorParallel}{AskedDimensions.Words(layout)}{experts}{SecondMemoryRows.Words(layout)} {BatchText.Of(winner)}");
    }

    private static void WriteTally(IAnsiConsole console, JobResult result, string phase, SearchTally? tally)
    {
        if (tally is null)
        {
            return;
        }

        string share = TallyText.Share(tally) is { } text ? $"; {text}" : "";
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run_{result.Job.Index} {phase}: {TallyText.Counts(tally)}{share}"));
        if (!result.HasPlan && TallyText.NearestMiss(tally) is { } miss)
        {
            console.WriteLine($"  nearest miss: {miss}");
        }
    }
}
