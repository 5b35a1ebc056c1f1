using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Cli.Configuration;

/// <summary>The keys of how the cards of attention ranks share products and rows (docs/file-formats.md, "Runtime").</summary>
/// <param name="Together">Numbers of attention ranks that share each dense feed-forward out; null for every one.</param>
/// <param name="RowsInTurn">Whether cards have rows in turn between products: what is to be tried, false first.</param>
/// <param name="Exchanged">What cards of a dense feed-forward may exchange, rows first.</param>
internal sealed record RankKeys(IReadOnlyList<int>? Together, IReadOnlyList<bool> RowsInTurn, IReadOnlyList<FeedForwardExchange> Exchanged)
{
    /// <summary>How many attention ranks share a feed-forward out.</summary>
    public const string AttentionDataParallel = "attention_data_parallel";

    /// <summary>Whether cards have rows in turn between products.</summary>
    public const string Rows = "sequence_parallel";

    /// <summary>What cards of a feed-forward exchange.</summary>
    public const string Exchange = "feed_forward_exchange";

    private const string ExpectedExchange = "what the cards of a dense feed-forward exchange (\"rows\", \"two_dimensional\", \"weight_gathered\"), a list of such words, or \"search\"";
    private const int MostExchanges = 3;

    private static readonly Dictionary<string, IReadOnlyList<FeedForwardExchange>> Exchanges = new()
    {
        ["rows"] = [FeedForwardExchange.Rows],
        ["two_dimensional"] = [FeedForwardExchange.TwoDimensional],
        ["weight_gathered"] = [FeedForwardExchange.WeightGathered],
        ["search"] = Enum.GetValues<FeedForwardExchange>(),
    };

    private const string ExpectedRanks = "a number of attention ranks that share each dense feed-forward out, a list of such numbers, or \"search\"";
    private const string ExpectedRows = "true, false, a list of both, or \"search\"";
    private const int MostChoices = 2;

    private static readonly Dictionary<string, IReadOnlyList<bool>> Words = new() { ["search"] = [false, true] };

    private bool IsApart => Together is not [1];

    private bool IsOfRows => Exchanged is [FeedForwardExchange.Rows];

    /// <summary>The word of an exchange.</summary>
    public static string WordOf(FeedForwardExchange exchange) => Exchanges.First(pair => pair.Value is [var only] && only == exchange).Key;

    /// <summary>Reads them.</summary>
    /// <param name="json">The mode.</param>
    /// <param name="accounting">Its accounting.</param>
    /// <param name="phases">Cards of each phase.</param>
    /// <param name="models">Its models.</param>
    /// <exception cref="ConfigurationException">They cannot be used.</exception>
    public static RankKeys Read(JsonObject json, Accounting accounting, CardCounts[] phases, Listed<TransformerModel>[] models)
    {
        JsonValue together = json[AttentionDataParallel];
        RankKeys keys = new(together.IsNull ? [1] : ContextKeys.Numbers(together, ExpectedRanks, phases), ReadRows(json[Rows]), ReadExchanges(json[Exchange]));
        if (keys.IsApart && accounting == Accounting.Seed)
        {
            throw together.Complaint("1 in seed accounting, which lays attention and a dense feed-forward out alike; \"accounting\": \"physical\" does not");
        }

        if (!keys.IsOfRows && accounting == Accounting.Seed)
        {
            throw json[Exchange].Complaint("rows in seed accounting, which knows no other exchange; \"accounting\": \"physical\" does");
        }

        if (!keys.RowsInTurn.Contains(true))
        {
            return keys;
        }

        if (accounting == Accounting.Seed)
        {
            throw json[Rows].Complaint("false in seed accounting, which knows no sequence parallelism; \"accounting\": \"physical\" does");
        }

        return keys.RowsInTurn is [true] && models.Select(model => model.Value).FirstOrDefault(model => model.Structure is { Streams: not null }) is { } streams
            ? throw json[Rows].Complaint($"false with the residual streams of {streams.Name}, of which it is not modelled")
            : keys;
    }

    /// <summary>What is to be tried of a phase's plans; weights are gathered for prompts alone.</summary>
    /// <param name="restriction">What else is.</param>
    /// <param name="hasPrompts">Whether the phase prefills.</param>
    public PlanRestriction On(PlanRestriction restriction, bool hasPrompts)
    {
        FeedForwardExchange[] exchanged = [.. Exchanged.Where(exchange => hasPrompts || exchange != FeedForwardExchange.WeightGathered)];
        return restriction with
        {
            AttentionDataParallel = Together,
            SequenceParallel = RowsInTurn,
            FeedForwardExchanges = exchanged.Length == 0 ? [FeedForwardExchange.Rows] : exchanged,
        };
    }

    /// <summary>Checks them against the jobs.</summary>
    /// <param name="json">The mode.</param>
    /// <param name="jobs">Its jobs.</param>
    /// <exception cref="ConfigurationException">They cannot be used.</exception>
    public void Check(JsonObject json, Job[] jobs)
    {
        if (!IsOfRows && Array.Find(jobs, job => job.Engine is not null) is { } run)
        {
            throw json[Exchange].Complaint($"rows where an engine (here {run.Engine!.Name}, {run.DecodeChip.Name}) runs the instances, which exchanges them; \"timing\": \"roofline\" without an engine takes more");
        }

        if (!Exchanged.Contains(FeedForwardExchange.Rows) && Array.Find(jobs, job => job.Model.Experts is not null || job.Model.Structure is { Streams: not null }) is { } mixed)
        {
            throw json[Exchange].Complaint($"a list with rows where {mixed.Model.Name} is among the models, which {(mixed.Model.Experts is null ? "has several residual streams" : "has experts")}");
        }

        if (!IsApart)
        {
            return;
        }

        ContextKeys.RefuseFused(json[AttentionDataParallel], jobs, "of which ranks with unlike prompts are not modelled");
        ContextKeys.RequireTaken(
            json[AttentionDataParallel], Together, jobs, (job, number) => FeedForwardCuts.Obstacle(job.Model, new AttentionTriple(number, 1, 1, 1, number), default));
    }

    private static IReadOnlyList<FeedForwardExchange> ReadExchanges(JsonValue value) => value.Element.ValueKind switch
    {
        System.Text.Json.JsonValueKind.Undefined or System.Text.Json.JsonValueKind.Null => [FeedForwardExchange.Rows],
        System.Text.Json.JsonValueKind.Array =>
            [.. value.Items(ExpectedExchange, MostExchanges).SelectMany(item => item.Word(ExpectedExchange, Exchanges)).Distinct().Order()],
        System.Text.Json.JsonValueKind.String => value.Word(ExpectedExchange, Exchanges),
        _ => throw value.Complaint(ExpectedExchange),
    };

    private static IReadOnlyList<bool> ReadRows(JsonValue value) => value.Element.ValueKind switch
    {
        System.Text.Json.JsonValueKind.Undefined or System.Text.Json.JsonValueKind.Null => [false],
        System.Text.Json.JsonValueKind.String => value.Word(ExpectedRows, Words),
        System.Text.Json.JsonValueKind.Array => [.. value.Items(ExpectedRows, MostChoices).Select(item => IsTrue(item, "true or false")).Distinct().Order()],
        _ => [IsTrue(value, ExpectedRows)],
    };

    private static bool IsTrue(JsonValue value, string expected) => value.Element.ValueKind switch
    {
        System.Text.Json.JsonValueKind.True => true,
        System.Text.Json.JsonValueKind.False => false,
        _ => throw value.Complaint(expected),
    };
}
