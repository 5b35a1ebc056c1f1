using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>Reads what of a card may lie in its second memory, and where prefixes of prompts are kept (docs/file-formats.md, "Runtime").</summary>
internal static class SecondMemoryReader
{
    /// <summary>Key of what may lie there.</summary>
    public const string Shares = "second_memory";

    /// <summary>Key of where prefixes are kept.</summary>
    public const string Prefix = "prefix_location";

    /// <summary>Key of the memory in a system.</summary>
    public const string Memory = "mem2";

    private const int MostShares = 64;

    private const string Expected = "what may lie in the second memory: none, cache, weights, both, or an object with shares of cache and weights";

    private static readonly double[] Eighths = [.. Enumerable.Range(0, 9).Select(eighth => eighth / 8d)];
    private static readonly double[] Quarters = [.. Enumerable.Range(0, 5).Select(quarter => quarter / 4d)];
    private static readonly double[] None = [0];

    private static readonly Dictionary<string, (double[] Weights, double[] Cache)> ShareWords = new()
    {
        ["none"] = (None, None),
        ["cache"] = (None, Eighths),
        ["weights"] = (Eighths, None),
        ["both"] = (Quarters, Quarters),
    };

    private static readonly Dictionary<string, PrefixLocation> Locations = new()
    {
        ["mem1"] = PrefixLocation.FirstMemory,
        [Memory] = PrefixLocation.SecondMemory,
        ["remote"] = PrefixLocation.Remote,
    };

    /// <summary>Words that say what may lie there.</summary>
    public static IEnumerable<string> Words => ShareWords.Keys;

    /// <summary>Words that say where prefixes are kept without more.</summary>
    public static IEnumerable<string> LocationWords => Locations.Where(place => place.Value != PrefixLocation.Remote).Select(place => place.Key);

    /// <summary>Reads the shares that are tried, the least first.</summary>
    /// <param name="value">What a runtime states; nothing stands for none.</param>
    /// <param name="accounting">The run's accounting.</param>
    /// <param name="findings">Receives what is to be known.</param>
    /// <exception cref="ConfigurationException">They cannot be.</exception>
    public static IReadOnlyList<SecondMemoryShares> ReadShares(JsonValue value, Accounting accounting, Findings findings)
    {
        if (value.IsNull)
        {
            return [default];
        }

        (double[] Weights, double[] Cache) tried = (None, None);
        if (value.Element.ValueKind == System.Text.Json.JsonValueKind.String)
        {
            tried = value.Word("what may lie in the second memory", ShareWords);
        }
        else
        {
            JsonObject json = JsonObject.Of(value, Expected).Know(findings, "weights", "cache");
            tried = json.Has("weights") || json.Has("cache") ? (List(json["weights"]), List(json["cache"])) : throw value.Complaint(Expected);
        }

        SecondMemoryShares[] shares = [.. tried.Weights.SelectMany(weights => tried.Cache.Select(cache => new SecondMemoryShares(weights, cache)))];
        return accounting == Accounting.Physical || shares is [{ IsNone: true }]
            ? shares
            : throw value.Complaint("none, or physical accounting: seed accounting knows of one memory");
    }

    /// <summary>The shares that a chip's cards can have: nothing where they have no such memory.</summary>
    /// <param name="value">What a runtime states.</param>
    /// <param name="shares">The shares.</param>
    /// <param name="chip">The chip.</param>
    /// <exception cref="ConfigurationException">Every share asks for a memory that the chip has not.</exception>
    public static IReadOnlyList<SecondMemoryShares> On(JsonValue value, IReadOnlyList<SecondMemoryShares> shares, Chip chip)
    {
        if (chip.SecondMemory is not null || shares is [{ IsNone: true }])
        {
            return shares;
        }

        return shares[0].IsNone ? [default] : throw value.Complaint($"none among the shares, or a chip that states {Memory}: {chip.Name} states none");
    }

    /// <summary>Reads where prefixes are kept.</summary>
    /// <param name="value">What a runtime states; nothing stands for the first memory.</param>
    /// <param name="accounting">The run's accounting.</param>
    /// <param name="findings">Receives what is to be known.</param>
    /// <exception cref="ConfigurationException">It cannot be.</exception>
    public static PrefixStore ReadPrefix(JsonValue value, Accounting accounting, Findings findings)
    {
        const string Place = "where prefixes are kept";
        const string Remote = "an object with its rate: {\"kind\": \"remote\", \"GBps\": 25}";
        if (value.IsNull)
        {
            return PrefixStore.FirstMemory;
        }

        PrefixStore store;
        if (value.Element.ValueKind == System.Text.Json.JsonValueKind.String)
        {
            PrefixLocation word = value.Word(Place, Locations);
            store = word == PrefixLocation.Remote ? throw value.Complaint(Remote) : new PrefixStore(word);
        }
        else
        {
            JsonObject json = JsonObject.Of(value, "where prefixes are kept: mem1, mem2, or an object with kind");
            PrefixLocation kind = json["kind"].Word(Place, Locations);
            json.Know(findings, kind == PrefixLocation.Remote ? ["kind", "GBps"] : ["kind"]);
            store = new PrefixStore(kind, kind == PrefixLocation.Remote ? json.Number("GBps", NumberRule.Positive) * PhysicalUnits.BytesPerGigabyte : 0);
        }

        return accounting == Accounting.Physical || store.Location == PrefixLocation.FirstMemory
            ? store
            : throw value.Complaint("mem1, or physical accounting: seed accounting knows of one memory");
    }

    /// <summary>Checks that jobs have what their prefixes are kept in, and something that is kept.</summary>
    /// <param name="value">What a runtime states of the place.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="findings">Receives what is to be known.</param>
    /// <exception cref="ConfigurationException">A chip that prefills lacks the memory.</exception>
    public static void CheckPrefix(JsonValue value, Job[] jobs, Findings findings)
    {
        if (jobs[0].Prefix.Location == PrefixLocation.FirstMemory)
        {
            return;
        }

        if (Array.TrueForAll(jobs, job => job.Model.CachedTokens == 0 && job.Prefixes is null))
        {
            findings.Warn($"{value.File}: {value.Path}: nothing of any prompt is cached (prefix_hit, cache_len); it is not used");
        }

        if (jobs[0].Prefix.Location == PrefixLocation.SecondMemory && Array.Find(jobs, job => job.PrefillChip.SecondMemory is null) is { } lacking)
        {
            throw value.Complaint($"mem1, or a chip that states {Memory}: {lacking.PrefillChip.Name} states none");
        }
    }

    /// <summary>Shares that no chip has a place for are said to be unused.</summary>
    /// <param name="value">What a runtime states.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="findings">Receives what is to be known.</param>
    public static void CheckShares(JsonValue value, Job[] jobs, Findings findings)
    {
        bool isAsked = !value.IsNull && !(value.Element.ValueKind == System.Text.Json.JsonValueKind.String && value.Element.GetString() == "none");
        if (isAsked && Array.TrueForAll(jobs, job => job.PrefillChip.SecondMemory is null && job.DecodeChip.SecondMemory is null))
        {
            findings.Warn($"{value.File}: {value.Path}: no chip of the runtime states {Memory}; it is not used");
        }
    }

    /// <summary>A cap that cannot be held for want of the energy of a byte is refused.</summary>
    /// <param name="shares">What a runtime states of shares.</param>
    /// <param name="prefix">What it states of prefixes.</param>
    /// <param name="jobs">The jobs.</param>
    /// <exception cref="ConfigurationException">A capped chip states no energy of its second memory, which some plan reads.</exception>
    public static void CheckEnergy(JsonValue shares, JsonValue prefix, Job[] jobs)
    {
        foreach (Job job in jobs)
        {
            foreach ((Chip chip, PlanRestriction restriction) in new[] { (job.PrefillChip, job.Prefill), (job.DecodeChip, job.Decode) })
            {
                bool holds = restriction.Second.Any(share => !share.IsNone);
                if ((holds || job.Prefix.Location == PrefixLocation.SecondMemory)
                    && chip is { Economics.PowerCapWatts: not null, SecondMemory.JoulesPerByte: null })
                {
                    throw (holds ? shares : prefix).Complaint($"nothing in the second memory, or the joules_per_byte of {chip.Name}'s {Memory}, without which its power_cap caps nothing");
                }
            }
        }
    }

    private static double[] List(JsonValue value)
    {
        if (value.IsNull)
        {
            return None;
        }

        if (value.Element.ValueKind == System.Text.Json.JsonValueKind.Number)
        {
            return [value.Number(NumberRule.Share)];
        }

        return [.. value.Items("shares to try, from 0 to 1: a number or a list", MostShares).Select(item => item.Number(NumberRule.Share)).Distinct().Order()];
    }
}
