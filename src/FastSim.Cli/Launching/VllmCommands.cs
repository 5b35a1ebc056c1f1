using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Launching;

/// <summary>vLLM's command lines (data/engines/vllm.json).</summary>
internal sealed class VllmCommands() : EngineCommands(EngineRelease.Vllm)
{
    private const int RankPort = 13345;
    private const int MasterPort = 29501;
    private const int SidePort = 5600;
    private const string FirstHybridThatDrafts = "Qwen3NextForCausalLM";
    private const string Proxy = "toy_proxy_server.py";

    /// <inheritdoc/>
    public override IReadOnlyList<string> EntryPoint { get; } = ["vllm", "serve"];

    /// <inheritdoc/>
    public override bool LimitsImages(int images) => true;

    /// <inheritdoc/>
    public override LaunchCommand Instance(LaunchPool pool, InstanceNode node)
    {
        LaunchCommand command = new LaunchCommand([.. EntryPoint]).Add(Model);
        if (pool.Role != PoolRole.Serve)
        {
            // The default is an address that the other pool cannot reach.
            command.With("VLLM_NIXL_SIDE_CHANNEL_HOST", new LaunchWord($"${{{InstanceNode.OwnAddress}}}", Expands: true))
                .With("VLLM_NIXL_SIDE_CHANNEL_PORT", new LaunchWord($"{SidePort + pool.Offset(node.Place)}"))
                .With("UCX_NET_DEVICES", new LaunchWord("all"));
        }

        if (node.IsFirst)
        {
            command.Flag("--host", "0.0.0.0").Flag("--port", pool.PortOf(node.Place));
        }

        Ranks(command, pool, node);
        Experts(command, pool);
        return command
            .When(pool.Drafts > 0, some => some.Says(DraftsOf(pool), "--speculative-config", Speculation(pool)))
            .Says(ContextOf(pool), "--max-model-len", pool.ContextTokens)
            .Says($"batch: {pool.RankSequences} sequences of a rank", "--max-num-seqs", pool.RankSequences)
            .Says("tokens of a step: the engine's chunk, or all that decode", "--max-num-batched-tokens", pool.StepTokens)
            .Says("memory: weights, the engine's own and its share of the rest", "--gpu-memory-utilization", pool.WholeShare)
            .Says($"cache bytes {pool.Job.Precision.CacheBytes}", "--kv-cache-dtype", pool.CachesInEightBits ? "fp8" : pool.SixteenBitCache)
            .When(pool.Quantization.Length > 0, some => some.Says($"weight bytes {pool.Job.Precision.WeightBytes}", "--quantization", pool.Quantization))
            .When(pool.Job.Model.Vision is not null, some => some.Says(ImagesOf(pool), "--limit-mm-per-prompt", $$"""{"image":{{pool.Job.Lengths.Images.Images}},"video":0}"""))
            .When(pool.Role != PoolRole.Serve, some => some.Says("prefill and decode apart", "--kv-transfer-config", pool.Role == PoolRole.Prefill
                ? """{"kv_connector":"NixlConnector","kv_role":"kv_producer"}"""
                : """{"kv_connector":"NixlConnector","kv_role":"kv_consumer"}"""));
    }

    /// <inheritdoc/>
    public override LaunchCommand? Router(LaunchFront front)
    {
        if (!front.IsSplit)
        {
            return null;
        }

        static LaunchWord[] Hosts(string flag, IReadOnlyList<FrontAddress> addresses) =>
            [new LaunchWord(flag), .. addresses.Select(address => address.Host)];
        static LaunchWord[] Ports(string flag, IReadOnlyList<FrontAddress> addresses) =>
            [new LaunchWord(flag), .. addresses.Select(address => new LaunchWord($"{address.Port}"))];
        return new LaunchCommand("python3", Proxy)
            .Flag("--port", front.Port)
            .Add(Hosts("--prefiller-hosts", front.Prefill))
            .Add(Ports("--prefiller-ports", front.Prefill))
            .Add(Hosts("--decoder-hosts", front.Decode))
            .Add(Ports("--decoder-ports", front.Decode));
    }

    /// <remarks>It refuses draft models of another vocabulary at its start (vllm/config/speculative.py, verify_equal_vocab_size_if_draft_model).</remarks>
    public override string? DraftRefusal(LaunchPool pool) =>
        pool.Job.Prediction.Draft?.OtherVocabulary(pool.Job.Model) is { } words ? $"{words}; nearest: a draft model of {pool.Job.Model.Vocabulary} tokens" : null;

    /// <inheritdoc/>
    public override IEnumerable<string> Approximations(LaunchPool pool)
    {
        if (pool.Drafts > 0 && KeepsStates(pool.Job.Model) && pool.Job.Model.Architecture != FirstHybridThatDrafts)
        {
            yield return "Releases up to about 0.14 refuse to draft for models whose blocks keep a state (Mamba, linear attention, short convolutions), all but Qwen3-Next (vllm/model_executor/layers/mamba/abstract.py); later ones have drafters for some.";
        }

        if (pool is { Drafts: > 0, Drafter.Missing: { } missing })
        {
            yield return missing;
        }

        if (pool.Role == PoolRole.Decode)
        {
            yield return $"The proxy is {Proxy} of vLLM's repository (tests/v1/kv_connector/nixl_integration), a test's: fetch it beside start-router.sh, or put a router of your own in its place. The package nixl must be in the image.";
        }

        if (pool.Role == PoolRole.Decode && pool.FirstPlace == 0)
        {
            yield return $"Pools on several servers find each other by {InstanceNode.OwnAddress}: scripts take the server's first address, compose files need it set to one that the other servers reach.";
        }

        if (pool.Ranks > 1 && pool.Layout.PipelineParallel > 1)
        {
            yield return "Data parallel, pipeline parallel and experts together: its arguments allow it, no page that was read shows it.";
        }

        if (pool.HasExpertLibrary)
        {
            yield return "DeepEP must be in the image for --all2all-backend; without it use allgather_reducescatter. On InfiniBand set GLOO_SOCKET_IFNAME to an Ethernet device.";
        }

        if (pool.Layout.RedundantExperts > 0 && pool.Drafts > 0)
        {
            yield return "Redundant experts together with draft tokens: no page that was read shows it.";
        }

        if (pool.Layout.RedundantExperts > 0)
        {
            yield return "Expert load balancing works for models that implement it alone.";
        }

        if (pool.Layout.PipelineParallel > 1)
        {
            yield return $"--max-num-seqs counts all micro-batches of a pipeline: {pool.Winner.Shape.MicroBatches} of {pool.StepSequences}.";
        }
    }

    /// <summary>
    /// Ranks that lie inside servers are started by data parallel, each server its own; one that is larger than a server by the nodes that make it up.
    /// </summary>
    private static void Ranks(LaunchCommand command, LaunchPool pool, InstanceNode node)
    {
        int rankCards = pool.Layout.TensorParallel * pool.Layout.PipelineParallel;
        command.Says($"TP {pool.Layout.TensorParallel}", "--tensor-parallel-size", pool.Layout.TensorParallel)
            .When(pool.Layout.PipelineParallel > 1, some => some.Says($"PP {pool.Layout.PipelineParallel}", "--pipeline-parallel-size", pool.Layout.PipelineParallel))
            .When(pool.Ranks > 1, some => some.Says(RanksOf(pool), "--data-parallel-size", pool.Ranks));
        if (!pool.SpansServers)
        {
            command.When(pool.Ranks > 1, some => some.Flag("--data-parallel-rpc-port", RankPort + pool.Offset(node.Place)));
            return;
        }

        if (rankCards > pool.ServerCards)
        {
            command.Flag("--distributed-executor-backend", "mp")
                .Says($"an instance on {pool.Nodes} servers", "--nnodes", pool.Nodes)
                .Add(new LaunchWord("--node-rank"), node.Word)
                .Add(new LaunchWord("--master-addr"), new LaunchWord(InstanceNode.Head, Expands: true))
                .Flag("--master-port", MasterPort)
                .When(!node.IsFirst, some => some.Flag("--headless"));
            return;
        }

        int local = pool.ServerCards / rankCards;
        command.Says($"an instance on {pool.Nodes} servers", "--data-parallel-size-local", local)
            .Add(new LaunchWord("--data-parallel-address"), new LaunchWord(InstanceNode.Head, Expands: true))
            .Flag("--data-parallel-rpc-port", RankPort)
            .When(!node.IsFirst, some => some.Add(new LaunchWord("--data-parallel-start-rank"), node.Times(local)).Flag("--headless"));
    }

    private static bool KeepsStates(TransformerModel model) =>
        model.Structure is { } structure && structure.Pattern.Forms.Any(form => form is { Beside: not null } or { State: not null });

    private static string Speculation(LaunchPool pool)
    {
        string method = pool.Drafter.Kind switch
        {
            DraftKind.Lookup => "ngram",
            DraftKind.Eagle => "eagle",
            DraftKind.Eagle3 => "eagle3",
            DraftKind.Model => "draft_model",
            _ => "mtp",
        };
        string model = pool.Drafter.Checkpoint.Length > 0 ? $"\"model\":{pool.Drafter.Json}," : "";
        return $$"""{"method":"{{method}}",{{model}}"num_speculative_tokens":{{pool.Drafts}}}""";
    }

    private static void Experts(LaunchCommand command, LaunchPool pool) => command
        .When(pool.IsSpread, some => some.Says($"EP {pool.Layout.ExpertParallel}: the cards of an instance's stage", "--enable-expert-parallel"))
        .When(pool.HasExpertLibrary, some => some.Says(
            "experts by an expert-parallel library", "--all2all-backend", pool.Role == PoolRole.Prefill ? "deepep_high_throughput" : "deepep_low_latency"))
        .When(pool.Layout.RedundantExperts > 0, some => some
            .Flag("--enable-eplb")
            .Says(CopiesOf(pool), "--eplb-config", $$"""{"num_redundant_experts":{{pool.Layout.RedundantExperts}}}"""));
}
