using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Launching;

/// <summary>What a reader of launch files should know: releases, which flag says what of the plan, and what none says exactly.</summary>
internal static class LaunchReadme
{
    /// <summary>Writes the page of an engine that can run the plan.</summary>
    public static void Write(TextWriter writer, EngineCommands commands, LaunchFolder folder, JobResult result)
    {
        EngineRelease release = commands.Release;
        Paragraph(writer, $"{OneLine.Of(folder.Model)} on {release.Title}, written by fastsim from a plan. Nothing here was run on cards: check it against the release that you start.");
        Paragraph(writer, $"Versions: flags are those of {release.Title} {release.Version}, a release inferred from the texts that data/engines/{release.Engine}.json names; the image, {release.Image}, is newer than most of them. Another image: {release.ImageVariable}. Images and card reservations are for NVIDIA cards.");
        if (!folder.Model.Contains('/', StringComparison.Ordinal))
        {
            Paragraph(writer, $"The plan knows the model as {OneLine.Of(folder.Model)}, which is no identifier of a hub (owner/name): set MODEL for scripts, or replace it in the other files, by an identifier or a path.");
        }

        Plan(writer, folder, result);
        Start(writer, commands, folder);
        foreach (LaunchPool pool in folder.Pools)
        {
            writer.WriteLine($"What the flags say of the {Name(pool)}");
            IEnumerable<(string Plan, string Flag)> meanings = [.. commands.Configuration(pool)?.Meanings ?? [], .. commands.Instance(pool, new InstanceNode(0, 0)).Meanings];
            foreach ((string plan, string flag) in meanings)
            {
                writer.WriteLine($"  {flag}  <- {plan}");
            }

            writer.WriteLine();
        }

        writer.WriteLine("What is approximated, or for you to see to");
        foreach (string note in Notes(commands, folder, result).Distinct())
        {
            List(writer, note);
        }
    }

    /// <summary>Writes why an engine cannot run the plan.</summary>
    public static void WriteRefusal(TextWriter writer, EngineRelease release, IReadOnlyList<LaunchPool> pools, string refusal)
    {
        string[] parts = refusal.Split("; nearest: ");
        Paragraph(writer, $"{release.Title} {release.Version} cannot run this plan: {parts[0]}.");
        if (parts.Length > 1)
        {
            Paragraph(writer, $"The nearest thing to change: {parts[1]}.");
        }

        foreach (LaunchPool pool in pools)
        {
            Paragraph(writer, $"The plan of the {Name(pool)}: {pool.Words}.");
        }
    }

    private static void Plan(TextWriter writer, LaunchFolder folder, JobResult result)
    {
        writer.WriteLine("The plan");
        foreach (LaunchPool pool in folder.Pools)
        {
            List(writer, string.Create(
                CultureInfo.InvariantCulture,
                $"{Name(pool)}, {pool.Layout.Cards} {pool.Winner.Rates.Chip.Name}: {pool.Words}; {pool.RankSequences} sequences a rank; {pool.Winner.TokensPerSecond:0.#} tokens/s, {pool.Winner.LatencySeconds * 1000:0.##} ms {(pool.Winner.Shape.Phase == Kernels.Models.Phase.Prefill ? "to the first token" : "a token")}"));
        }

        if (DeploymentFigures.Of(result) is { IdleCards: > 0 } figures)
        {
            List(writer, string.Create(CultureInfo.InvariantCulture, $"{figures.Cards} of {result.Job.Cards} cards are in use."));
        }

        string priced = result.Job.Engine is { } engine ? $"as {engine.Name} runs it" : "by the cost model's operators, without an engine";
        List(writer, $"It was priced {priced}.");
        writer.WriteLine();
    }

    private static void Start(TextWriter writer, EngineCommands commands, LaunchFolder folder)
    {
        writer.WriteLine("To start it");
        foreach (LaunchPool pool in folder.Pools)
        {
            string last = pool.OnLastServer > 0 ? $", on the last server start{pool.Suffix}-last.sh or compose{pool.Suffix}-last.yaml" : "";
            List(writer, (pool.SpansServers, commands.StartsByPods) switch
            {
                (false, _) => $"{Name(pool)}, {Servers(pool)}: start{pool.Suffix}.sh{(pool.Servers == 1 ? "" : " on each")}, or docker compose -f {(folder.IsOneServer ? "compose.yaml" : $"compose{pool.Suffix}.yaml")} up{last}",
                (true, true) => $"{Name(pool)}, {pool.Instances} times {pool.Nodes} servers of {pool.ServerCards} cards: start{pool.Suffix}-node-<i>.sh on server i of each instance, with HEAD its server 0, or kubectl apply -f leaderworkerset{pool.Suffix}.yaml (LeaderWorkerSet must be installed)",
                (true, false) => $"{Name(pool)}, {pool.Instances} times {pool.Nodes} servers of {pool.ServerCards} cards: start{pool.Suffix}-slurm.sh once for each instance",
            });
        }

        if (folder.Router is not null)
        {
            List(writer, $"Then start-router.sh; clients ask port {folder.Front.Port} of its server.{(folder.IsOneServer ? " compose.yaml starts it, too." : " Servers are named prefill-0, decode-0, server-0 and so on there: variables of the same names, in capitals, give addresses.")}");
        }
        else if (folder.HasBalancer)
        {
            List(writer, $"Then nginx with {BalancerConfiguration.File}, or any balancer of HTTP; clients ask port {folder.Front.Port}.{(folder.IsOneServer ? " compose.yaml starts it, too." : "")}");
        }
        else
        {
            List(writer, $"Clients ask port {folder.Front.Port}.");
        }

        List(writer, "Further flags may stand behind a script's name: start.sh --trust-remote-code.");
        writer.WriteLine();
    }

    private static IEnumerable<string> Notes(EngineCommands commands, LaunchFolder folder, JobResult result)
    {
        Job job = result.Job;
        if (job.Engine is null || commands.SettingsOf(job) != job.Engine)
        {
            yield return $"The plan was not priced for {commands.Release.Title}: chunk and memory shares are those that fastsim describes it with.";
        }

        if (job.Engine is { Release.Length: > 0 } && commands.SettingsOf(job) == job.Engine)
        {
            yield return $"The plan is of {commands.Release.Title} {job.Engine.Release}, as its record states; flags here are those of {commands.Release.Version} and the image is newer: check them against {job.Engine.Release}, and set {commands.Release.ImageVariable} to an image of it.";
        }

        if (ServedArchitectures.Note(commands.Release, job.Model) is { } served)
        {
            yield return served;
        }

        if (job.Model.Vision is not null)
        {
            yield return (job.Lengths.Images.Images, commands.LimitsImages(job.Lengths.Images.Images)) switch
            {
                (0, false) => "The model has a vision encoder, which the plan leaves out: no flag of this engine that was read does, so it may take memory that the plan gives to the cache.",
                (0, true) => "The model has a vision encoder, which the plan leaves out, and so does the engine: it refuses images then.",
                (_, false) => "The plan counts a vision encoder; that the engine divides it over cards as the plan does is not checked, and it has room for as many images as its own defaults say.",
                _ => "The plan counts a vision encoder; that the engine divides it over cards as the plan does is not checked. Requests of more images, or of video, are refused.",
            };
        }

        if (DraftChecks.MissingBlocks(job.Prediction, job.Model) is { } missing)
        {
            yield return Sentence(missing);
        }

        if (job.Prediction is { DraftTokens: > 0, Draft: { } draft } && draft.OtherVocabulary(job.Model) is { } other)
        {
            yield return Sentence(other);
        }

        foreach (LaunchPool pool in folder.Pools)
        {
            foreach (string note in commands.Approximations(pool))
            {
                yield return note;
            }

            if (pool.Layout.SharedReplicas > 0)
            {
                yield return $"{pool.Layout.SharedReplicas} replicas of the shared expert are counted; engines place shared experts their own way.";
            }

            if (pool.Winner.Sequences < 1)
            {
                yield return "Fewer than one sequence a rank decodes on average; one is admitted.";
            }
        }

        if (job.Precision.WeightBytes <= 0.75)
        {
            yield return $"Weights of {job.Precision.WeightBytes} bytes need a checkpoint that has them.";
        }

        if (folder.Pools[0].Quantization.Length > 0 && commands is not TensorRtCommands)
        {
            yield return $"--quantization {folder.Pools[0].Quantization} quantizes a 16-bit checkpoint on loading: leave it out where the checkpoint has 8 bits already.";
        }

        if (job.Mode == ServingMode.Split && folder.Pools.Count == 1)
        {
            yield return "The plan is of one phase of a split alone; these instances serve whole requests.";
        }

        yield return job.Model.CachedTokens == 0
            ? "Prompts that share a beginning are cached by default; the plan counts every prompt anew."
            : string.Create(CultureInfo.InvariantCulture, $"Prompts that share a beginning are cached by default; the plan counts {job.Model.CachedTokens} tokens of each prompt as cached.");
        if (job.Model.CachedTokens > 0 && job.Prefix.Location != PrefixLocation.FirstMemory)
        {
            yield return "The plan keeps those tokens in a second memory or elsewhere; these files set up no such cache.";
        }

        yield return "The engine places requests, experts and micro-batches itself, so that batches are the most it may take, not what each step has.";
    }

    private static string Sentence(string words) => $"{char.ToUpperInvariant(words[0])}{words[1..]}.";

    private static string Name(LaunchPool pool) => pool.Role switch
    {
        PoolRole.Prefill => "prefill pool",
        PoolRole.Decode => "decode pool",
        _ => "instances",
    };

    /// <summary>The servers of instances that lie inside them, and how many of their cards the instances take where that is not all.</summary>
    private static string Servers(LaunchPool pool)
    {
        int taken = pool.PerServer * pool.InstanceCards;
        string cards = taken == pool.ServerCards ? $"{taken} cards" : $"{pool.ServerCards} cards, of which {taken} {(taken == 1 ? "is" : "are")} taken";
        return $"{(pool.Servers == 1 ? "1 server" : $"{pool.Servers} servers")} of {cards}";
    }

    private static void Paragraph(TextWriter writer, string text)
    {
        Lines(writer, text, "");
        writer.WriteLine();
    }

    private static void List(TextWriter writer, string text)
    {
        IReadOnlyList<string> lines = TextLines.Of(text, TextLines.Width - 4);
        for (int line = 0; line < lines.Count; line++)
        {
            writer.WriteLine($"{(line == 0 ? "  - " : "    ")}{lines[line]}");
        }
    }

    private static void Lines(TextWriter writer, string text, string indent)
    {
        foreach (string line in TextLines.Of(text, TextLines.Width - indent.Length))
        {
            writer.WriteLine(indent + line);
        }
    }
}
