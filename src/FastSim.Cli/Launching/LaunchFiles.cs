using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Cli.Launching;

/// <summary>What became of an engine's launch files.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Refusal">Why it cannot run the plan; null where files that start it were written.</param>
public sealed record LaunchOutcome(string Engine, string? Refusal);

/// <summary>Writes what starts a plan on serving engines: a folder an engine.</summary>
public static class LaunchFiles
{
    private const string RefusalFile = "NOT-SUPPORTED.txt";
    private const string ReadmeFile = "README.txt";

    private static readonly Dictionary<string, EngineCommands> Engines = new EngineCommands[] { new VllmCommands(), new SglangCommands(), new TensorRtCommands() }
        .ToDictionary(commands => commands.Release.Engine);

    /// <summary>Files of a folder that are ours: of an earlier plan, they would start what this one is not.</summary>
    private static readonly string[] Own =
        ["start*.sh", "compose*.yaml", "leaderworkerset*.yaml", "config*.yaml", "disaggregated.yaml", BalancerConfiguration.File, RefusalFile, ReadmeFile];

    /// <summary>Writes launch files.</summary>
    /// <param name="folder">Folder of the plan.</param>
    /// <param name="result">The plan.</param>
    /// <param name="request">What is asked beyond it.</param>
    /// <returns>An outcome an engine; none where there is no plan.</returns>
    /// <exception cref="ConfigurationException">A file cannot be written; those before it are whole.</exception>
    public static IReadOnlyList<LaunchOutcome> Write(string folder, JobResult result, LaunchRequest request)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(request);
        return result.HasPlan ? [.. request.Engines.Select(engine => Write(folder, result, request, Engines[engine]))] : [];
    }

    private static LaunchOutcome Write(string folder, JobResult result, LaunchRequest request, EngineCommands commands)
    {
        string place = Path.Combine(folder, commands.Release.Engine);
        OutputFile.CreateFolder(place);
        IReadOnlyList<LaunchPool> pools = PoolsOf(result, request, commands);
        string? refusal = Refusal(pools, commands.Release.Engine, result.Job);
        Dictionary<string, Action<TextWriter>> files = [];
        if (refusal is null)
        {
            LaunchFolder content = new(commands, pools, request.Model ?? result.Job.Model.Name);
            content.Fill(files);
            files[ReadmeFile] = writer => LaunchReadme.Write(writer, commands, content, result);
        }
        else
        {
            files[RefusalFile] = writer => LaunchReadme.WriteRefusal(writer, commands.Release, pools, refusal);
        }

        foreach ((string name, Action<TextWriter> write) in files)
        {
            OutputFile.Write(Path.Combine(place, name), write);
        }

        foreach (string file in Own.SelectMany(pattern => Directory.GetFiles(place, pattern)).Where(file => !files.ContainsKey(Path.GetFileName(file))))
        {
            OutputFile.Remove(file);
        }

        return new LaunchOutcome(commands.Release.Engine, refusal);
    }

    /// <summary>The pools: prefill and decode where both have a plan, else the one that has.</summary>
    private static IReadOnlyList<LaunchPool> PoolsOf(JobResult result, LaunchRequest request, EngineCommands commands)
    {
        Job job = result.Job;
        LaunchPool Pool(PoolRole role, PhaseWinner winner)
        {
            bool isQuantized = job.Model.Structure is { Storage.IsQuantized: true };
            return new LaunchPool(role, winner, job, commands.SettingsOf(job), request.ServerCards ?? EngineLayouts.ServerCardsOf(winner.Rates.Chip))
            {
                FrontPort = request.Port,
                ContextTokens = request.ContextTokens ?? job.Lengths.Input + job.Lengths.Output,
                Quantization = request.Quantization ?? (!isQuantized && job.Precision.WeightBytes is <= 1 and > 0.75 ? "fp8" : ""),
            };
        }

        if (job.Mode == ServingMode.Split && result is { Prefill: { } prefill, Decode: { } decode })
        {
            LaunchPool first = Pool(PoolRole.Prefill, prefill) with { HasFront = true };
            LaunchPool second = Pool(PoolRole.Decode, decode) with { HasFront = true };
            bool shareServer = job.PrefillChip.Name == job.DecodeChip.Name && first.Layout.Cards + second.Layout.Cards <= first.ServerCards;
            return [first, shareServer ? second with { FirstCard = first.Layout.Cards, FirstPlace = first.Instances } : second];
        }

        LaunchPool only = Pool(PoolRole.Serve, result.Decode ?? result.Prefill!);
        return [only with { HasFront = only.Instances > 1 }];
    }

    private static string? Refusal(IReadOnlyList<LaunchPool> pools, string engine, Job job)
    {
        if (ServedArchitectures.Refusal(engine, job.Model) is { } unserved)
        {
            return unserved;
        }

        foreach (LaunchPool pool in pools)
        {
            if (job.Prediction.DraftTokens > 0 && Engines[engine].DraftRefusal(pool) is { } undrafted)
            {
                return undrafted;
            }

            EngineLayouts layouts = new(engine, job.Model, pool.Winner.Rates.Chip, job.Prediction.DraftTokens);
            LaunchRefused refused = new(layouts.Refusal(pool.Layout), pool);
            if (refused.Words(layouts) is { } words)
            {
                return words;
            }
        }

        if (pools is [var prefill, var decode])
        {
            EngineLayouts layouts = new(engine, job.Model, decode.Winner.Rates.Chip, job.Prediction.DraftTokens);
            LayoutRefusal refusal = layouts.Refusal(prefill.Layout, decode.Layout);
            return refusal == LayoutRefusal.None ? null : layouts.Words(refusal, decode.Layout);
        }

        return null;
    }

    /// <summary>A pool that the engine refuses, or that servers cannot be laid out for.</summary>
    private readonly record struct LaunchRefused(LayoutRefusal Refusal, LaunchPool Pool)
    {
        public string? Words(EngineLayouts layouts)
        {
            string? words = Refusal == LayoutRefusal.None ? Pool.Obstacle : layouts.Words(Refusal, Pool.Layout);
            return words is null || Pool.Role == PoolRole.Serve
                ? words
                : string.Create(CultureInfo.InvariantCulture, $"{(Pool.Role == PoolRole.Prefill ? "prefill" : "decode")}: {words}");
        }
    }
}
