using FastSim.Cli.Configuration;

namespace FastSim.Cli.Launching;

/// <summary>
/// TensorRT-LLM's command lines and settings (data/engines/trtllm.json). Each setting is written once, in the file: releases differ in whether the
/// command line or the file wins.
/// </summary>
internal sealed class TensorRtCommands() : EngineCommands(EngineRelease.TensorRt)
{
    private const int PatienceSeconds = 3600;
    private const string RouterFile = "disaggregated.yaml";

    /// <inheritdoc/>
    public override IReadOnlyList<string> EntryPoint { get; } = ["trtllm-serve"];

    /// <inheritdoc/>
    public override bool StartsByPods => false;

    /// <summary>Name of a pool's settings.</summary>
    public static string FileOf(LaunchPool pool) => $"config{pool.Suffix}.yaml";

    /// <inheritdoc/>
    public override LaunchCommand Instance(LaunchPool pool, InstanceNode node) => new LaunchCommand([.. EntryPoint])
        .Add(Model)
        .Flag("--host", "0.0.0.0")
        .Flag("--port", pool.PortOf(node.Place))
        .Flag("--backend", "pytorch")
        .Flag("--config", FileOf(pool));

    /// <inheritdoc/>
    public override LaunchCommand? Router(LaunchFront front) => front.IsSplit
        ? new LaunchCommand("trtllm-serve", "disaggregated")
            .Flag("--config_file", RouterFile)
            .Flag("--server_start_timeout", PatienceSeconds)
            .Flag("--request_timeout", PatienceSeconds)
        : null;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, YamlMap Content)> RouterFiles(LaunchFront front)
    {
        if (!front.IsSplit)
        {
            yield break;
        }

        static YamlMap Servers(IReadOnlyList<FrontAddress> addresses) => new()
        {
            { "num_instances", addresses.Count },
            { "urls", addresses.Select(address => $"{address.Name}:{address.Port}").ToArray() },
        };
        yield return (RouterFile, new YamlMap
        {
            { "hostname", "0.0.0.0" },
            { "port", front.Port },
            { "backend", "pytorch" },
            { "context_servers", Servers(front.Prefill) },
            { "generation_servers", Servers(front.Decode) },
        });
    }

    /// <inheritdoc/>
    public override string? DraftRefusal(LaunchPool pool) => pool.Drafter.Kind == DraftKind.Eagle
        ? "drafts by an EAGLE head of the first kind: its PyTorch runtime takes eagle3, mtp, ngram or a draft model"
        : null;

    /// <inheritdoc/>
    public override EngineConfiguration Configuration(LaunchPool pool)
    {
        YamlMap content = [];
        List<(string Plan, string Flag)> meanings = [];
        void Set(string plan, YamlMap map, string key, object value, string path)
        {
            map.Add(key, value);
            meanings.Add((plan, $"{path}{key}: {(value is bool flag ? flag ? "true" : "false" : value)}"));
        }

        void SetTop(string plan, string key, object value) => Set(plan, content, key, value, "");
        SetTop(pool.Ranks == 1 ? $"TP {pool.Layout.TensorParallel}" : RanksOf(pool), "tensor_parallel_size", pool.StageCards);
        SetTop($"PP {pool.Layout.PipelineParallel}", "pipeline_parallel_size", pool.Layout.PipelineParallel);
        if (pool.Job.Model.Experts is not null)
        {
            SetTop($"EP {pool.Layout.ExpertParallel}", "moe_expert_parallel_size", pool.Layout.ExpertParallel);
            SetTop($"MoE-TP {pool.Layout.ExpertTensorParallel}", "moe_tensor_parallel_size", pool.Layout.ExpertTensorParallel);
            SetTop(pool.Ranks == 1 ? "one attention rank" : RanksOf(pool), "enable_attention_dp", pool.Ranks > 1);
        }

        SetTop($"batch: {pool.StepSequences} sequences of a rank's micro-batch", "max_batch_size", pool.StepSequences);
        SetTop("tokens of a step: the engine's chunk, or all that decode", "max_num_tokens", pool.StepTokens);
        SetTop(ContextOf(pool), "max_seq_len", pool.ContextTokens);
        content.Add("enable_chunked_prefill", true);
        YamlMap cache = [];
        content.Add("kv_cache_config", cache);
        Set("memory: the cache's share of what is left", cache, "free_gpu_memory_fraction", pool.Settings.CacheShare, "kv_cache_config.");
        Set($"cache bytes {pool.Job.Precision.CacheBytes}", cache, "dtype", pool.CachesInEightBits ? "fp8" : "auto", "kv_cache_config.");
        if (pool.Role != PoolRole.Prefill)
        {
            content.Add("cuda_graph_config", new YamlMap { { "enable_padding", true }, { "max_batch_size", pool.StepSequences } });
        }

        if (pool.Drafts > 0)
        {
            Drafter drafter = pool.Drafter;
            YamlMap drafts = new() { { "decoding_type", DecodingType(drafter.Kind) } };
            content.Add("speculative_config", drafts);
            Set(DraftsOf(pool), drafts, drafter.Kind == DraftKind.Prediction ? "num_nextn_predict_layers" : "max_draft_len", pool.Drafts, "speculative_config.");
            if (drafter.Checkpoint.Length > 0)
            {
                drafts.Add("speculative_model", drafter.Checkpoint);
            }
        }

        if (pool.Layout.RedundantExperts > 0)
        {
            YamlMap balancer = [];
            content.Add("moe_config", new YamlMap { { "backend", "WIDEEP" }, { "load_balancer", balancer } });
            int slots = pool.Job.Model.Experts!.Experts + pool.Layout.RedundantExperts;
            Set(CopiesOf(pool), balancer, "num_slots", slots, "moe_config.load_balancer.");
            balancer.Add("layer_updates_per_iter", 1);
        }

        if (pool.Role != PoolRole.Serve)
        {
            if (pool.Role == PoolRole.Prefill)
            {
                content.Add("disable_overlap_scheduler", true);
            }

            YamlMap transceiver = new() { { "backend", "DEFAULT" } };
            content.Add("cache_transceiver_config", transceiver);
            Set("prefill and decode apart", transceiver, "max_tokens_in_buffer", pool.ContextTokens, "cache_transceiver_config.");
        }

        return new EngineConfiguration(content, meanings);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Approximations(LaunchPool pool)
    {
        if (pool.Job.Precision.WeightBytes <= 1)
        {
            yield return $"Weights of {pool.Job.Precision.WeightBytes} bytes need a checkpoint that has them: nothing is quantized on loading.";
        }

        if (pool.WidensStoredCache)
        {
            yield return "The checkpoint keeps its cache in 8 bits, and no setting is known that keeps it in 16: take its entry out of the checkpoint's quantization.";
        }

        if (pool.SpansServers)
        {
            yield return "An instance on several servers is one MPI world, a task a card. Slurm starts it (start-slurm.sh); no manifest for its plain image is known, so none is written.";
        }

        if (pool.Layout.PipelineParallel > 1)
        {
            yield return "Prompts in chunks together with pipeline parallel: untested by its own matrix of features.";
        }

        if (pool.Layout.RedundantExperts > 0)
        {
            yield return "Experts and their copies are also kept in shared memory of the host, up to hundreds of GB.";
        }

        if (pool is { Drafts: > 0, Drafter.Missing: { } missing })
        {
            yield return missing;
        }

        if (pool is { Drafts: > 0, Drafter.Kind: DraftKind.Prediction })
        {
            yield return "MTP drafts by the checkpoint's own prediction blocks; the model must have them.";
        }

        if (pool.Role == PoolRole.Decode)
        {
            yield return $"{RouterFile} takes no variables: put the servers' addresses in.";
        }
    }

    private static string DecodingType(DraftKind kind) => kind switch
    {
        DraftKind.Lookup => "NGram",
        DraftKind.Eagle3 => "Eagle3",
        DraftKind.Model => "Draft_Target",
        _ => "MTP",
    };
}
