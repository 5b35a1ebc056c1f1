using System.Globalization;
using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Planning;

/// <summary>A plan for people: one screen of 80 columns.</summary>
internal static class PlanScreen
{
    private const int NameWidth = 15;

    /// <summary>Lines of the answer for a chip.</summary>
    public static IEnumerable<string> Lines(PlanAnswer answer)
    {
        Job job = answer.Studies[0].Result.Job;
        yield return Text($"{job.Model.Name}, {job.Lengths.Input:N0} + {job.Lengths.Output:N0} tokens{Images(job)}, on {job.Cards:N0} {answer.Chip.Name}{Engine(job)}");
        if (LimitWords.Of(job) is { } limits)
        {
            yield return string.Join('\n', TextLines.Of(limits, TextLines.Width));
        }

        yield return "";
        if (answer.Best is not { } best)
        {
            foreach (string line in answer.Studies.SelectMany(Missed))
            {
                yield return line;
            }

            yield break;
        }

        foreach (string line in Deployment(answer, best).Concat(Others(answer, best)).Concat(Plot(answer, best)))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Deployment(PlanAnswer answer, PlannedDeployment best)
    {
        string other = OtherWay(answer, best);
        yield return Text($"Best: {(best.IsSplit ? "prefill and decode on cards of their own" : "every card prefills and decodes")}{other}");
        PhaseWinner[] phases = Phases(best);
        foreach (PhaseWinner phase in phases)
        {
            yield return Row(
                best.IsSplit ? PlannedDeployment.PhaseOf(phase) : "deployment",
                Text($"{phase.Layout.Cards:N0} card{(phase.Layout.Cards == 1 ? "" : "s")}: {LayoutWords.Of(phase.Layout, phase.Shape.Model.Experts is not null)}, {BatchText.Of(phase)}"));
        }

        if (best.IdleCards > 0)
        {
            yield return Row("in use", Text($"{best.Point.Cards:N0} of {best.Job.Cards:N0} cards"));
        }

        Merits merits = new(best);
        yield return "";
        yield return Row("throughput", Text($"{merits.Requests} requests/s, {best.TokensPerCardSecond:N1} tokens/s a card, {best.Point.TokensPerUserSecond:0.#} tokens/s a user"));
        yield return Row("first token", Text($"{merits.FirstToken} ms{Of(best.Job.Limits.FirstTokenMilliseconds)}"));
        yield return Row("each further", Text($"{merits.PerToken} ms{Of(best.Job.Limits.PerTokenMilliseconds)}"));
        foreach (PhaseWinner phase in phases)
        {
            CardMemory memory = CardMemory.Of(phase);
            yield return Row(
                best.IsSplit ? $"{PlannedDeployment.PhaseOf(phase)} GiB" : "memory GiB",
                Text($"weights {Gib(memory.Weights)}, cache {Gib(memory.Cache)}, {(phase.Shape.Engine is null ? "working" : "engine")} {Gib(memory.Working)}, free {Gib(memory.Free)} of {Gib(phase.Rates.CapacityBytes)}{Second(phase, memory)}"));
        }

        yield return Row("used of peak", string.Join("; ", Used(best)));
        yield return Row("binds", string.Join("; ", phases.Select(phase => Binds(best, phase))));
        yield return Row("10 % more", Helps(answer.Helps, effect => effect.More));
        yield return Row("10 % less", Helps(answer.Helps, effect => effect.Less));
        if (EconomicsText.Figures(best.Result) is { } price)
        {
            yield return Row("cost", price);
        }

        if (Confidence.Of(best) is { } interval)
        {
            bool isClose = answer.Ranking.Count > 1 && Confidence.IsWithin(answer.Ranking[1], best, interval);
            string runnerUp = answer.Ranking.Count < 2 ? "" : isClose ? "; the runner-up is within that" : "; the runner-up is not within that";
            yield return Row("how sure", Text($"{interval.LowMilliseconds:0.0} to {interval.HighMilliseconds:0.0} ms a token, four times of five{runnerUp}"));
        }

        if (TallyText.Refused(answer.Tallies) is { } refused)
        {
            yield return Row("left out", $"layouts that {best.Job.Engine!.Name} cannot run: {refused} (--any-layout keeps them)");
        }

        yield return "";
    }

    private static IEnumerable<string> Others(PlanAnswer answer, PlannedDeployment best)
    {
        if (answer.Ranking.Count < 2)
        {
            yield break;
        }

        yield return Text($"The best {answer.Ranking.Count} layouts, and why each falls behind");
        yield return Text($"{"",2} {"requests/s",10} {"a card",8} {"TTFT ms",8} {"TPOT ms",7}  cards and layout{(best.IsSplit ? ", prefill + decode" : "")}");
        for (int place = 0; place < answer.Ranking.Count; place++)
        {
            PlannedDeployment ranked = answer.Ranking[place];
            Merits merits = new(ranked);
            yield return Text(
                $"{place + 1,2} {merits.Requests,10} {ranked.TokensPerCardSecond,8:N1} {merits.FirstToken,8} {merits.PerToken,7}  {Short(ranked)}");
            if (place > 0)
            {
                yield return $"{"",4}{Shortfall.Behind(ranked, best)}";
            }
        }

        yield return "";
    }

    private static IEnumerable<string> Plot(PlanAnswer answer, PlannedDeployment best)
    {
        string[] lines =
        [
            .. FrontPlot.Lines([.. answer.Studies.Where(study => study.Front.Count > 0).Select(study => (study.Result.Job.Mode == ServingMode.Split ? 's' : 'f', study.Front))], best.Point),
        ];
        if (lines.Length > 0)
        {
            yield return "What no deployment beats: tokens/s a card (up), tokens/s a user (right)";
            yield return "s phases apart, f every card does both, * the best";
            foreach (string line in lines)
            {
                yield return line;
            }
        }
    }

    /// <summary>What the best of the other way of deploying would do.</summary>
    private static string OtherWay(PlanAnswer answer, PlannedDeployment best)
    {
        if (answer.Studies.FirstOrDefault(study => study.Result.Job.Mode != best.Job.Mode) is not { } study)
        {
            return "";
        }

        string way = best.IsSplit ? "together" : "apart";
        return study.BestOf(best.Job.Objective) is { } point
            ? Text($" ({way} {point.RequestsPerSecond(best.Job.Lengths):G4} requests/s)")
            : $" ({way}: no plan)";
    }

    private static PhaseWinner[] Phases(PlannedDeployment deployment) =>
        deployment.IsSplit ? [.. new[] { deployment.Result.Prefill, deployment.Result.Decode }.OfType<PhaseWinner>()] : [deployment.Result.Decode!];

    private static IEnumerable<string> Used(PlannedDeployment best)
    {
        if (!best.IsSplit)
        {
            yield return Used("", Utilisation.Of(best.Result.Prefill!, best.Result.Decode!));
            yield break;
        }

        foreach (PhaseWinner phase in Phases(best))
        {
            yield return Used($"{PlannedDeployment.PhaseOf(phase)} ", Utilisation.Of(phase));
        }
    }

    private static string Used(string phase, Utilisation used) => Text($"{phase}{used.Flops * 100:0} % of FLOP, {used.Bandwidth * 100:0} % of memory bandwidth");

    private static string Binds(PlannedDeployment best, PhaseWinner phase)
    {
        TimeShares shares = TimeShares.Of(phase.Table, phase.Rates, phase.WorkedSequences);
        double all = shares.Seconds;
        string capped = shares.ThrottledSeconds > 0 ? Text($", power cap {shares.ThrottledSeconds / all * 100:0}") : "";
        string waiting = shares.WaitSeconds > 0 ? Text($", second memory {shares.WaitSeconds / all * 100:0}") : "";
        string held = best.IsSplit && phase != best.Limiting ? "waits for the other" : Shortfall.Ending(best, phase);
        string name = best.IsSplit ? $"{PlannedDeployment.PhaseOf(phase)}: " : "";
        return Text($"{name}{held} (memory {shares.MemorySeconds / all * 100:0}, compute {shares.ComputeSeconds / all * 100:0}, links {shares.CommunicationSeconds / all * 100:0}{waiting}{capped} %)");
    }

    private static string Second(PhaseWinner phase, CardMemory memory) => memory.Second == 0
        ? ""
        : Text($"; second memory: weights {Gib(phase.Memory.SecondWeightBytes)}, cache {Gib(phase.Memory.SecondCacheBytesPerSequence * phase.Sequences)}, prefixes {Gib(phase.Memory.StoredPrefixBytesPerSequence * phase.Sequences)} of {Gib(phase.Rates.SecondCapacityBytes)}");

    private static string Helps(IReadOnlyList<ResourceEffect> helps, Func<ResourceEffect, double> change) => string.Join(
        ", ", helps.Select(effect => $"{effect.Resource} {(double.IsNaN(change(effect)) ? "no plan" : change(effect).ToString("+0.0 %;-0.0 %;0 %", CultureInfo.InvariantCulture))}"));

    private static string Short(PlannedDeployment deployment)
    {
        bool hasExperts = deployment.Job.Model.Experts is not null;
        string decode = LayoutWords.Short(deployment.Point.Decode!.Value.Layout, hasExperts);
        return deployment.Point.Prefill is { } prefill ? $"{LayoutWords.Short(prefill.Layout, hasExperts)} + {decode}" : decode;
    }

    private static IEnumerable<string> Missed(JobStudy study)
    {
        string way = study.Result.Job.Mode == ServingMode.Split ? "prefill and decode apart" : "every card does both";
        SearchTally[] tallies = [.. PlanAnswer.TalliesOf(study)];
        if (study.Result is not { PrefillTally: { } prefill, DecodeTally: { } decode, Job.Mode: ServingMode.Split })
        {
            yield return Text($"No plan, {way}: {string.Join("; ", tallies.Select(TallyText.Counts))}");
            foreach (string miss in TallyText.NearestMisses(tallies, [study.Result]))
            {
                yield return $"  nearest miss: {miss}";
            }

            yield break;
        }

        yield return $"No plan, {way}:";
        foreach ((string phase, SearchTally tally) in new[] { ("prefill", prefill), ("decode", decode) })
        {
            yield return Text($"  {phase}: {TallyText.Counts(tally)}");
            foreach (string miss in TallyText.NearestMisses([tally], []))
            {
                yield return $"    nearest miss: {miss}";
            }
        }

        foreach (string miss in TallyText.NearestMisses([], [study.Result]))
        {
            yield return $"  nearest miss: {miss}";
        }
    }

    private static string Images(Job job) => job.Lengths.Images is { Images: > 0 } images
        ? Text($" ({(images.Images == 1 ? "an image" : Text($"{images.Images:N0} images"))} of {images.TokensEach:N0})")
        : "";

    private static string Engine(Job job) => job.Engine is { } engine ? $", {engine.Name}" : "";

    private static string Of(double? limit) => limit is { } most ? Text($" of {most:#,0.###}") : "";

    private static string Gib(double bytes) => (bytes / DeviceMemory.BytesPerGibibyte).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A line of a name and what is said of it, broken at 80 columns.</summary>
    private static string Row(string name, string said) => string.Join(
        "\n", TextLines.Of(said, TextLines.Width - NameWidth).Select((line, index) => $"{(index == 0 ? name : "").PadRight(NameWidth)}{line}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
