using System.Text.Json;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Configuration;

/// <summary>
/// Reads <c>engine</c>: an engine by name, a record that says what an engine has otherwise than the one it is like, or the file of such a record
/// (docs/file-formats.md, "Engines").
/// </summary>
internal static class ServingEngineReader
{
    private const double MicrosecondsPerMillisecond = 1000;

    /// <summary>Reads an engine.</summary>
    /// <param name="value">What is written.</param>
    /// <param name="findings">Where to put warnings of unknown keys.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ServingEngine Read(JsonValue value, Findings findings)
    {
        if (value.Element.ValueKind == JsonValueKind.Object)
        {
            return Record(value, findings);
        }

        string name = value.Text($"an engine: {string.Join(", ", ServingEngine.All.Keys)}, a record of one, or its file");
        if (!name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return value.Word("an engine", ServingEngine.All);
        }

        string beside = Path.Combine(Path.GetDirectoryName(value.File) ?? "", name);
        string file = File.Exists(name) ? name : beside;
        return File.Exists(file)
            ? Record(new JsonValue(file, "", JsonText.Load(file)), findings)
            : throw value.Complaint("the file of an engine's record: there is no such file");
    }

    private static ServingEngine Record(JsonValue value, Findings findings)
    {
        JsonObject json = JsonObject.Of(value, "an engine: an object").Know(
            findings,
            "base",
            "release",
            "name",
            "chunk_tokens",
            "host_us",
            "sequence_us",
            "request_ms",
            "hides_bookkeeping",
            "prefills_first",
            "reserves_answers",
            "reserve_gib",
            "cache_share",
            "visits_idle_experts",
            "packed_expert_kernel",
            "quantizes_apart",
            "expert_library",
            "expert_balance",
            "launch_overlap_us",
            "splits_four_bit",
            "block_us",
            "eager_launch_us",
            "eager_quantize_us");
        ServingEngine like = json.Has("base") ? json["base"].Word("the engine that it is like", ServingEngine.All) : ServingEngine.None;
        like = json.Has("release") ? Release(json["release"], like) : like;
        return like with
        {
            Name = json.Has("name") ? json["name"].Text("the engine's name") : like.Name,
            ChunkTokens = json.Number("chunk_tokens", new NumberRule("a number of tokens of at least 1", tokens => tokens >= 1), like.ChunkTokens),
            HostMicroseconds = json.Number("host_us", NumberRule.NotNegative, like.HostMicroseconds),
            SequenceMicroseconds = json.Number("sequence_us", NumberRule.NotNegative, like.SequenceMicroseconds),
            RequestMicroseconds = json.Number("request_ms", NumberRule.NotNegative, like.RequestMicroseconds / MicrosecondsPerMillisecond) * MicrosecondsPerMillisecond,
            HidesBookkeeping = json.Boolean("hides_bookkeeping", like.HidesBookkeeping),
            PrefillsFirst = json.Boolean("prefills_first", like.PrefillsFirst),
            ReservesAnswers = json.Boolean("reserves_answers", like.ReservesAnswers),
            ReserveBytes = json.Has("reserve_gib") ? json.Number("reserve_gib", NumberRule.NotNegative) * DeviceMemory.BytesPerGibibyte : like.ReserveBytes,
            CacheShare = json.Number("cache_share", NumberRule.Efficiency, like.CacheShare),
            VisitsIdleExperts = json.Boolean("visits_idle_experts", like.VisitsIdleExperts),
            HasPackedExpertKernel = json.Boolean("packed_expert_kernel", like.HasPackedExpertKernel),
            QuantizesApart = json.Boolean("quantizes_apart", like.QuantizesApart),
            HasExpertLibrary = json.Boolean("expert_library", like.HasExpertLibrary),
            ExpertBalance = json.Has("expert_balance") ? json.Number("expert_balance", NumberRule.Efficiency) : like.ExpertBalance,
            LaunchOverlapMicroseconds = json.Number("launch_overlap_us", NumberRule.NotNegative, like.LaunchOverlapMicroseconds),
            SplitsFourBitProducts = json.Boolean("splits_four_bit", like.SplitsFourBitProducts),
            BlockMicroseconds = json.Number("block_us", NumberRule.NotNegative, like.BlockMicroseconds),
            EagerLaunchMicroseconds = json.Number("eager_launch_us", NumberRule.NotNegative, like.EagerLaunchMicroseconds),
            EagerQuantizeMicroseconds = json.Number("eager_quantize_us", NumberRule.NotNegative, like.EagerQuantizeMicroseconds),
        };
    }

    private static ServingEngine Release(JsonValue value, ServingEngine like)
    {
        const string Expected = "a release of the engine that it is like, such as \"0.15.1\"";
        string release = value.Text(Expected);
        if (like.Name == ServingEngine.None.Name)
        {
            throw value.Complaint($"no release: the engine that it is like (base) is {like.Name}");
        }

        return EngineReleases.IsRelease(release) ? EngineReleases.Of(like, release) with { Release = release } : throw value.Complaint(Expected);
    }
}
