using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Cli.Configuration;

/// <summary>Reads one mode of a runtime file into jobs: the cross product of its lists, model outermost, system innermost.</summary>
internal sealed class ModeReader(
    JsonObject json,
    ServingMode mode,
    InputFiles<TransformerModel> models,
    InputFiles<Chip> prefillSystems,
    InputFiles<Chip> decodeSystems,
    RuntimeOverrides overrides,
    Findings findings)
{
    private const int MostRedundant = 65_536;
    internal const string StoredFormatsKey = "stored_formats";

    private const int MostDrafts = 64;
    private const int MostJobs = 1_000_000;
    private const int MostOfList = 100_000;

    /// <summary>Contexts stay within 32 bits: input, half the output and one.</summary>
    private const int MostTokens = 1 << 30;

    private static readonly string[] SharedKeys =
    [
        "model_list", "sequence_length_list", "num_procs_list", "wac_bytes_list", "flops_type_list", "time_limit_list", "sys_list",
        "output", "num_redundant_experts_config", "deploy_shared_expert_config", "decode_mtp_token_config", "mtp_acceptance", "draft",
        "accounting", "output_format", "output_gzip", "efficiency_model", "engine", "timing", "arrivals", "prefix_hit", ImageKeys.Images, ImageKeys.Tokens, SecondMemoryReader.Prefix, SecondMemoryReader.Shares, "objective", "cost_limit", "energy_limit", "launchable", StoredFormatsKey,
        ContextKeys.Parallel, ContextKeys.Exchange, RankKeys.AttentionDataParallel, RankKeys.Rows, RankKeys.Exchange, PadKey.Name,
    ];

    private bool IsSplit => mode == ServingMode.Split;

    public ModeRun Read()
    {
        PhaseKeys prefillKeys = new("p_parallel_config", "p_moe_parallel_config", "p_micro_batch_size");
        PhaseKeys decodeKeys = IsSplit
            ? new("d_parallel_config", "d_moe_parallel_config", "d_micro_batch_size")
            : new("parallel_config", "moe_parallel_config", "batch_config");
        json.Know(
            findings,
            IsSplit
                ? [.. SharedKeys, "pd_num_procs_list", "split_choice", .. prefillKeys.All, .. decodeKeys.All]
                : [.. SharedKeys, IdleCards.Name, .. decodeKeys.All]);

        bool pads = json.Boolean(PadKey.Name, missing: false);
        Listed<TransformerModel>[] modelList = PadKey.On(List("model_list", "a list of model files", models.Get), pads);
        Listed<SequenceLengths>[] lengths = List("sequence_length_list", "a list of [input, output] token counts", Lengths);
        Listed<int>[] cards = List("num_procs_list", "a list of card counts", item => item.Integer(1));
        Listed<Precision>[] precisions = List("wac_bytes_list", "a list of [weight, activation, cache, communication] bytes", Bytes);
        Listed<FlopsTypes>[] types = List("flops_type_list", "a list of [matrix, attention, vector] data types", Types);
        Listed<LatencyLimits>[] limits = List("time_limit_list", "a list of [TTFT, TPOT] limits in ms", Limits);
        string? efficiencyFile = json["efficiency_model"].IsNull ? null : EfficiencyModels.Find(json["efficiency_model"]);
        efficiencyFile = overrides.EfficiencyModel ?? efficiencyFile;
        IEfficiencyModel? efficiency = efficiencyFile is null ? null : overrides.Models.Load(efficiencyFile);
        Listed<ChipPair>[] chips = List("sys_list", IsSplit ? "a list of [prefill, decode] system files" : "a list of system files", Chips);
        if (efficiency is not null)
        {
            chips = Array.ConvertAll(
                chips,
                pair => pair with { Value = new ChipPair(pair.Value.Prefill with { Efficiency = efficiency }, pair.Value.Decode with { Efficiency = efficiency }) });
        }

        PlanRestriction prefill = IsSplit ? prefillKeys.Read(json) : PlanRestriction.None;
        PlanRestriction decode = decodeKeys.Read(json);
        CardSplitList splits = IsSplit ? CardSplitList.Read(json["pd_num_procs_list"], cards, findings) : CardSplitList.None;
        MultiTokenPrediction prediction = AcceptanceReader.Read(
            json["mtp_acceptance"], json.Integer("decode_mtp_token_config", 0, MostDrafts, missing: 0), findings);
        Func<TransformerModel, DraftModel?> draftOf = DraftReader.Read(json["draft"], models, findings);
        MultiTokenPrediction[] predictions = Array.ConvertAll(modelList, model => prediction with { Draft = PadKey.On(draftOf(model.Value), pads) });
        RedundancyRange? redundancy = Redundancy(json["num_redundant_experts_config"]);
        bool sharedOnEveryCard = json.Boolean("deploy_shared_expert_config", missing: false);
        Accounting accounting = Word("accounting", "an accounting", overrides.Accounting, RuntimeFile.Accountings, Accounting.Seed);
        CardCounts prefillCounts = splits.PrefillCounts;
        CardCounts decodeCounts = IsSplit ? splits.DecodeCounts : CardCounts.Exactly(cards);
        CardCounts[] phaseCounts = IsSplit ? [prefillCounts, decodeCounts] : [decodeCounts];
        ContextKeys contexts = ContextKeys.Read(json, accounting, phaseCounts, findings);
        RankKeys ranks = RankKeys.Read(json, accounting, phaseCounts, modelList);
        prefill = ranks.On(prefill with { ContextParallel = contexts.Shared }, hasPrompts: true);
        decode = ranks.On(decode with { ContextParallel = contexts.Shared }, hasPrompts: !IsSplit);
        Func<ChipPair, ServingChoice> serving = ServingChoice.Read(json, accounting, overrides.Timing, findings);
        ArrivalPattern arrivals = ServingChoice.Arrivals(json, findings);
        PrefixHitReader prefixHit = PrefixHitReader.Read(json["prefix_hit"]);
        JobChecks.PrefixHit(json["prefix_hit"], prefixHit.HasHits, modelList);
        IReadOnlyList<SecondMemoryShares> shares = SecondMemoryReader.ReadShares(json[SecondMemoryReader.Shares], accounting, findings);
        PrefixStore prefixStore = SecondMemoryReader.ReadPrefix(json[SecondMemoryReader.Prefix], accounting, findings);
        PlanRestriction On(PlanRestriction restriction, Chip chip) =>
            restriction with { Second = SecondMemoryReader.On(json[SecondMemoryReader.Shares], shares, chip) };
        ImageLoad[] images = ImageKeys.Read(json, modelList, accounting, findings);
        SplitAim splitAim = Word(
            "split_choice",
            "what the phase that does not bind is chosen by",
            null,
            RuntimeFile.SplitAims,
            IsSplit && accounting == Accounting.Physical ? SplitAim.Balanced : SplitAim.Throughput);
        PlanObjective objective = Word("objective", "what the best is best in", overrides.Objective, RuntimeFile.Objectives, PlanObjective.Throughput);
        JsonValue costLimit = json["cost_limit"];
        JsonValue energyLimit = json["energy_limit"];
        bool mayIdle = !IsSplit && json.Boolean(IdleCards.Name, missing: false);
        bool launchable = json.Boolean("launchable", missing: false);
        bool storedFormats = json.Boolean(StoredFormatsKey, missing: false);
        OutputForm form = Word("output_format", "a form of the result", overrides.Form, RuntimeFile.Forms, OutputForm.Wide);
        bool compressed = json.Boolean("output_gzip", missing: false);
        string? output = overrides.OutputFolder is not null && !json.Has("output")
            ? overrides.OutputFolder
            : json["output"].Text("the folder of the results");

        double jobCount = (double)modelList.Length * lengths.Length * cards.Length * precisions.Length * types.Length * limits.Length * chips.Length;
        if (jobCount > MostJobs)
        {
            throw json["model_list"].Complaint(string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"lists whose product is at most {MostJobs:N0} jobs, not {jobCount:N0}"));
        }

        Job[] jobs = (
            from model in modelList.Zip(predictions, images).Select(each => (each.First.Value, Drafts: each.Second, Images: each.Third))
            from length in lengths
            from count in cards
            from precision in precisions
            from type in types
            from limit in limits
            from chip in chips
            let choice = serving(chip.Value)
            let prefixes = prefixHit.Of(length.Value)
            select new Job(
                0,
                mode,
                prefixHit.HasHits ? model.Value with { CachedTokens = prefixes.Fewest } : model.Value,
                model.Images.Images > 0 ? length.Value with { Images = model.Images } : length.Value,
                count.Value,
                precision.Value,
                type.Value,
                limit.Value,
                choice.Of(chip.Value.Prefill),
                choice.Of(chip.Value.Decode),
                splits.For(count.Value),
                On(prefill, chip.Value.Prefill),
                On(decode, chip.Value.Decode),
                redundancy,
                sharedOnEveryCard,
                model.Drafts,
                accounting)
            {
                SplitAim = splitAim,
                Objective = objective,
                CostLimit = costLimit.IsNull ? null : costLimit.Number(NumberRule.Positive),
                EnergyLimit = energyLimit.IsNull ? null : energyLimit.Number(NumberRule.Positive),
                LeavesUnlaunchable = launchable,
                RunsStoredFormats = storedFormats,
                CardCounts = mayIdle ? IdleCards.Counts(count.Value) : null,
                Engine = choice.Engine,
                Timing = choice.Timing,
                Arrivals = arrivals,
                Prefix = prefixStore,
                Prefixes = prefixes.Classes.Count > 1 ? prefixes : null,
                ContextExchange = contexts.Exchanged,
            }).Select((job, index) => job with { Index = index }).ToArray();

        if (accounting == Accounting.Seed)
        {
            findings.LeavePhysical();
        }

        prefixHit.Check(jobs);
        SecondMemoryReader.CheckShares(json[SecondMemoryReader.Shares], jobs, findings);
        SecondMemoryReader.CheckPrefix(json[SecondMemoryReader.Prefix], jobs, findings);
        SecondMemoryReader.CheckEnergy(json[SecondMemoryReader.Shares], json[SecondMemoryReader.Prefix], jobs);
        if (json.Has("arrivals") && Array.TrueForAll(jobs, job => job.Engine is null))
        {
            findings.Warn($"{json["arrivals"].File}: {json["arrivals"].Path}: counts where an engine runs the instances alone; it is not used");
        }

        JobChecks.Prices(AgainstObjective, objective == PlanObjective.Cost, "another objective", jobs);
        JobChecks.Prices(expected => costLimit.Complaint(expected), !costLimit.IsNull, "null", jobs);
        EnergyLimitChecks.CheckObjective(AgainstObjective, jobs);
        EnergyLimitChecks.Check(energyLimit, jobs);

        contexts.Check(json, jobs);
        ranks.Check(json, jobs);
        if (launchable && Array.Find(jobs, job => job.Engine is null || !EngineLayouts.Knows(job.Engine.Name)) is { } unknown)
        {
            throw json["launchable"].Complaint($"false, or engine {string.Join(", ", EngineLayouts.Known)}: what {(unknown.Engine is { } engine ? engine.Name : "none")} can launch is not known");
        }

        bool runsStored = Array.Exists(jobs, job => job.KindsOn(job.DecodeChip) is not null);
        if (storedFormats && !runsStored)
        {
            findings.Warn($"{json[StoredFormatsKey].File}: {json[StoredFormatsKey].Path}: counts where an engine runs a quantized checkpoint alone; it is not used");
        }

        if (sharedOnEveryCard && Array.Exists(jobs, job => job.Engine is not null))
        {
            findings.Warn($"{json["deploy_shared_expert_config"].File}: {json["deploy_shared_expert_config"].Path}: an engine shares shared experts over the cards of a rank; it is not used");
        }

        JobChecks.CachedTokens(modelList, lengths);
        foreach (Job job in jobs.Where(job => job.Lengths.Images.Images > 0))
        {
            ImageKeys.Check(json, job.Prefixes?.Most ?? job.Model.CachedTokens, job.Lengths, json["sequence_length_list"]);
        }

        if (!overrides.BeyondContext)
        {
            JobChecks.Context(modelList, lengths);
        }

        JobChecks.DataTypes(types, chips, json["sys_list"]);
        JobChecks.PowerCaps(types, chips);
        if (!runsStored)
        {
            JobChecks.ActivationWidth(precisions, types, findings);
        }

        JobChecks.StoredWidth(precisions, modelList, findings);
        JobChecks.StaticLatency(chips, accounting, findings);
        JobChecks.Operators(chips, accounting, findings);
        JobChecks.Vocabulary(modelList, accounting, findings);
        foreach (string key in (ReadOnlySpan<string>)["mtp_acceptance", "draft"])
        {
            if (prediction.DraftTokens == 0 && json.Has(key))
            {
                findings.Warn($"{json[key].File}: {json[key].Path}: decode_mtp_token_config drafts no tokens; it is not used");
            }
        }

        if (accounting == Accounting.Physical)
        {
            foreach (string words in modelList.Zip(predictions, (listed, drafts) => DraftChecks.MissingBlocks(drafts, listed.Value)).OfType<string>())
            {
                JsonValue drafted = json[json.Has("draft") ? "draft" : "decode_mtp_token_config"];
                findings.Warn($"{drafted.File}: {drafted.Path}: {words}");
            }
        }

        if (IsSplit)
        {
            LayoutChecks.Check(json, prefillKeys, prefill, prefillCounts, modelList, [], null, sharedOnEveryCard: false, new ContextUse(Prompts: true, Decodes: false), findings);
        }

        LayoutChecks.Check(
            json, decodeKeys, decode, decodeCounts, modelList, predictions, redundancy, sharedOnEveryCard, new ContextUse(Prompts: !IsSplit, Decodes: true), findings);
        return new ModeRun(mode, jobs, overrides.OutputFolder ?? output, form, overrides.Compressed ?? compressed);

        ConfigurationException AgainstObjective(string expected) => overrides.Objective is null
            ? json["objective"].Complaint(expected)
            : new ConfigurationException($"--objective: found {RuntimeFile.Objectives.Single(pair => pair.Value == objective).Key}; expected {expected}");
    }

    private static SequenceLengths Lengths(JsonValue item)
    {
        JsonValue[] pair = item.Tuple(2, "[input tokens, output tokens]");
        return new SequenceLengths(pair[0].Integer(1, MostTokens), pair[1].Integer(1, MostTokens));
    }

    private static Precision Bytes(JsonValue item)
    {
        JsonValue[] bytes = item.Tuple(4, "[weight, activation, cache, communication] bytes per element");
        return new Precision(
            bytes[0].Number(NumberRule.Positive),
            bytes[1].Number(NumberRule.Positive),
            bytes[2].Number(NumberRule.Positive),
            bytes[3].Number(NumberRule.Positive));
    }

    private static FlopsTypes Types(JsonValue item)
    {
        JsonValue[] types = item.Tuple(3, "[matrix, attention, vector] data types");
        return new FlopsTypes(types[0].Text("a data type"), types[1].Text("a data type"), types[2].Text("a data type"));
    }

    private static LatencyLimits Limits(JsonValue item)
    {
        JsonValue[] limits = item.Tuple(2, "[TTFT, TPOT] limits in ms, null for none");
        NumberRule rule = new("a number of ms above 0, or null for no limit", number => number > 0);
        return new LatencyLimits(
            limits[0].IsNull ? null : limits[0].Number(rule),
            limits[1].IsNull ? null : limits[1].Number(rule));
    }

    private static RedundancyRange? Redundancy(JsonValue value)
    {
        const string Expected = "a number of redundant experts, or [fewest, most], or null";
        if (value.IsNull)
        {
            return null;
        }

        if (value.Element.ValueKind == System.Text.Json.JsonValueKind.Array)
        {
            JsonValue[] ends = value.Tuple(2, Expected);
            RedundancyRange range = new(ends[0].Integer(0, MostRedundant), ends[1].Integer(0, MostRedundant));
            return range.Lowest <= range.Highest ? range : throw value.Complaint("[fewest, most] with the fewest first");
        }

        if (value.Element.ValueKind != System.Text.Json.JsonValueKind.Number)
        {
            throw value.Complaint(Expected);
        }

        int count = value.Integer(0, MostRedundant);
        return new RedundancyRange(count, count);
    }

    private ChipPair Chips(JsonValue item)
    {
        if (!IsSplit)
        {
            Chip chip = decodeSystems.Get(item);
            return new ChipPair(chip, chip);
        }

        JsonValue[] pair = item.Tuple(2, "[prefill, decode] system files");
        return new ChipPair(prefillSystems.Get(pair[0]), decodeSystems.Get(pair[1]));
    }

    private Listed<T>[] List<T>(string key, string expected, Func<JsonValue, T> read) =>
        Array.ConvertAll(json[key].Items(expected, MostOfList), item => new Listed<T>(item, read(item)));

    private T Word<T>(string key, string what, T? over, IReadOnlyDictionary<string, T> words, T missing)
        where T : struct
    {
        T written = json.Has(key) ? json[key].Word(what, words) : missing;
        return over ?? written;
    }
}
