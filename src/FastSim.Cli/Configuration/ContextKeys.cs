using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Cli.Configuration;

/// <summary>The keys of context parallelism (docs/file-formats.md, "Runtime").</summary>
/// <param name="Shared">Numbers of cards to share a sequence's tokens out over; null for every one.</param>
/// <param name="Exchanged">How the cards come by each other's keys and values.</param>
internal sealed record ContextKeys(IReadOnlyList<int>? Shared, ContextExchange Exchanged)
{
    /// <summary>Over how many cards.</summary>
    public const string Parallel = "context_parallel";

    /// <summary>By what exchange.</summary>
    public const string Exchange = "context_exchange";

    private const string Expected = "a number of cards that share a sequence's tokens, a list of such numbers, or \"search\"";
    private const int MostNumbers = 1_000;
    private const int MostCards = 1 << 20;

    private static readonly Dictionary<string, ContextExchange> Exchanges = new()
    {
        ["all_gather"] = ContextExchange.AllGather,
        ["ring"] = ContextExchange.Ring,
    };

    private static readonly Dictionary<string, IReadOnlyList<int>?> Words = new() { ["search"] = null };

    private bool IsOff => Shared is [1];

    /// <summary>Reads them.</summary>
    /// <param name="json">The mode.</param>
    /// <param name="accounting">Its accounting.</param>
    /// <param name="phases">Cards of each phase.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <exception cref="ConfigurationException">They cannot be used.</exception>
    public static ContextKeys Read(JsonObject json, Accounting accounting, CardCounts[] phases, Findings findings)
    {
        JsonValue value = json[Parallel];
        IReadOnlyList<int>? shared = value.IsNull ? [1] : Numbers(value, Expected, phases);
        ContextKeys keys = new(
            shared, json.Has(Exchange) ? json[Exchange].Word("how cards come by each other's keys and values", Exchanges) : ContextExchange.AllGather);
        if (!keys.IsOff && accounting == Accounting.Seed)
        {
            throw value.Complaint("1 in seed accounting, which knows no context parallelism; \"accounting\": \"physical\" does");
        }

        if (keys.IsOff && json.Has(Exchange))
        {
            findings.Warn($"{json[Exchange].File}: {json[Exchange].Path}: {Parallel} shares no prompts out; it is not used");
        }

        return keys;
    }

    /// <summary>Checks them against the jobs.</summary>
    /// <param name="json">The mode.</param>
    /// <param name="jobs">Its jobs.</param>
    /// <exception cref="ConfigurationException">They cannot be used.</exception>
    public void Check(JsonObject json, Job[] jobs)
    {
        if (IsOff)
        {
            return;
        }

        RefuseFused(json[Parallel], jobs, "which is not modelled over shared contexts");
        RequireTaken(json[Parallel], Shared, jobs, (job, shared) =>
        {
            TransformerModel? draft = job.Prediction.DraftTokens > 0 ? job.Prediction.Draft?.Model : null;
            ContextUse use = ContextUse.Of(job, job.Splits is { } splits && splits.All(split => split.DecodeCards == 0) ? Phase.Prefill : Phase.Decode);
            return ContextCuts.Obstacle(job.Model, draft, new AttentionTriple(1, 1, 1, shared), use);
        });
    }

    /// <summary>Refuses a number where an engine prefills beside decoding.</summary>
    /// <param name="value">The number.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="why">What of such steps is not modelled.</param>
    /// <exception cref="ConfigurationException">An engine does.</exception>
    public static void RefuseFused(JsonValue value, Job[] jobs, string why)
    {
        if (Array.Find(jobs, job => job is { Mode: ServingMode.Fusion, Engine: not null }) is { } fused)
        {
            throw value.Complaint(
                $"1 where an engine (here {fused.Engine!.Name}, {fused.DecodeChip.Name}) prefills and decodes in the same steps, {why}; pd-split-request-optimal, or \"timing\": \"roofline\" without an engine, takes more");
        }
    }

    /// <summary>Refuses numbers of which a job's model takes none.</summary>
    /// <param name="value">The numbers, as they stand.</param>
    /// <param name="stated">The numbers; null where every one is tried.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="obstacle">Why a job's model does not take a number; null where it does. All take 1.</param>
    /// <exception cref="ConfigurationException">A model takes none.</exception>
    public static void RequireTaken(JsonValue value, IReadOnlyList<int>? stated, Job[] jobs, Func<Job, int, string?> obstacle)
    {
        if (stated is null || stated.Contains(1))
        {
            return;
        }

        foreach (Job job in jobs)
        {
            string?[] obstacles = [.. stated.Select(number => obstacle(job, number))];
            if (Array.TrueForAll(obstacles, found => found is not null))
            {
                throw value.Complaint($"a number that {job.Model.Name} takes, such as 1: {obstacles[0]}");
            }
        }
    }

    /// <summary>Numbers of cards, or of what takes a card each, to choose from; null for every one.</summary>
    /// <param name="value">A number, a list, or the word for every one.</param>
    /// <param name="expected">What is expected, in words.</param>
    /// <param name="phases">Cards of each phase.</param>
    /// <exception cref="ConfigurationException">It is none of them, or divides the cards of no phase.</exception>
    public static IReadOnlyList<int>? Numbers(JsonValue value, string expected, CardCounts[] phases)
    {
        switch (value.Element.ValueKind)
        {
            case System.Text.Json.JsonValueKind.String:
                return value.Word(expected, Words);
            case System.Text.Json.JsonValueKind.Number:
                return [Number(value, phases)];
            case System.Text.Json.JsonValueKind.Array:
                return [.. value.Items(expected, MostNumbers).Select(item => Number(item, phases)).Distinct().Order()];
            default:
                throw value.Complaint(expected);
        }
    }

    /// <summary>A number that no card count in play is a multiple of would be passed over without a word.</summary>
    private static int Number(JsonValue value, CardCounts[] phases)
    {
        int shared = value.Integer(1, MostCards);
        return Array.Exists(phases, cards => cards.Counts is { } counts ? counts.Any(count => count % shared == 0) : shared <= cards.Largest)
            ? shared
            : throw value.Complaint($"a number that divides the cards of a phase: {string.Join("; ", phases.Where(cards => cards.Counts is not []).Select(cards => cards.ToString()).Distinct())}");
    }
}
