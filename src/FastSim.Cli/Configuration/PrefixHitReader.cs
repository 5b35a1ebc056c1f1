using System.Text.Json;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>Reads how much of prompts is cached: one share of all, or shares of requests that find their own (docs/file-formats.md, "Runtime").</summary>
internal sealed class PrefixHitReader
{
    private const int MostClasses = 100;
    private const double SumTolerance = 1e-9;
    private const string Expected = "a share of each prompt's tokens of at least 0 and below 1, or a list of [share of requests, share of their prompts' tokens]";

    private readonly JsonValue source;
    private readonly (double Share, double Hit)[] hits;

    private PrefixHitReader(JsonValue source, (double Share, double Hit)[] hits)
    {
        this.source = source;
        this.hits = hits;
    }

    /// <summary>Whether some prompts find something.</summary>
    public bool HasHits => Array.Exists(hits, each => each.Hit > 0);

    /// <summary>Reads the key.</summary>
    /// <param name="value">What is written, or null.</param>
    /// <exception cref="ConfigurationException">It is neither, or shares of requests are not all of them.</exception>
    public static PrefixHitReader Read(JsonValue value)
    {
        if (value.IsNull)
        {
            return new PrefixHitReader(value, [(1, 0)]);
        }

        if (value.Element.ValueKind != JsonValueKind.Array)
        {
            return new PrefixHitReader(value, [(1, value.Element.ValueKind == JsonValueKind.Number ? value.Number(NumberRule.ShareBelowOne) : throw value.Complaint(Expected))]);
        }

        (double Share, double Hit)[] hits = Array.ConvertAll(value.Items(Expected, MostClasses), item =>
        {
            JsonValue[] pair = item.Tuple(2, "[share of requests, share of their prompts' tokens]");
            return (pair[0].Number(new NumberRule("a share of requests above 0 and of at most 1", share => share is > 0 and <= 1)), pair[1].Number(NumberRule.ShareBelowOne));
        });
        double sum = hits.Sum(each => each.Share);
        return Math.Abs(sum - 1) <= SumTolerance
            ? new PrefixHitReader(value, hits)
            : throw value.Complaint(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"shares of requests that add up to 1, not {sum:0.#########}"));
    }

    /// <summary>Classes of prompts of one length: whole tokens, and never all of a prompt, for the last yields the first of the answer.</summary>
    /// <param name="lengths">The length.</param>
    public PrefixClasses Of(SequenceLengths lengths) =>
        PrefixClasses.Of(hits.Select(each => new PrefixClass(each.Share, Math.Min(lengths.Input - 1, (int)Math.Round(each.Hit * lengths.Input)))));

    /// <summary>Refuses classes where prompts are priced as one kind.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <exception cref="ConfigurationException">An engine or an efficiency model prices some.</exception>
    public void Check(Job[] jobs)
    {
        if (Array.Find(jobs, job => job is { Prefixes: not null, Engine: not null }) is { Engine: { } engine })
        {
            throw source.Complaint($"one share: prompts of an engine's instances ({engine.Name}) are of one kind; \"timing\": \"roofline\" without an engine leaves it out");
        }

        if (Array.Exists(jobs, job => job.Prefixes is not null && (job.PrefillChip.Efficiency ?? job.DecodeChip.Efficiency) is not null))
        {
            throw source.Complaint("one share: an efficiency_model prices prompts of one kind");
        }
    }
}
