using FastSim.Cli.Configuration;

namespace FastSim.Cli.Launching;

/// <summary>SGLang's command lines (data/engines/sglang.json). Its tensor parallel size holds attention ranks and expert parallelism.</summary>
internal sealed class SglangCommands() : EngineCommands(EngineRelease.Sglang)
{
    private const int GroupPort = 20102;
    private const int BootstrapOffset = 20;

    /// <inheritdoc/>
    public override IReadOnlyList<string> EntryPoint { get; } = ["python3", "-m", "sglang.launch_server"];

    /// <remarks>Of none it says nothing: no text that was read has a flag that leaves the encoder out.</remarks>
    public override bool LimitsImages(int images) => images > 0;

    /// <inheritdoc/>
    public override LaunchCommand Instance(LaunchPool pool, InstanceNode node)
    {
        LaunchCommand command = new LaunchCommand([.. EntryPoint])
            .Add(new LaunchWord("--model-path"), Model)
            .Flag("--host", "0.0.0.0")
            .Flag("--port", pool.PortOf(node.Place))
            .Says(
                pool.Ranks == 1 ? $"TP {pool.Layout.TensorParallel}" : $"TP {pool.Layout.TensorParallel} x {RanksOf(pool)}",
                "--tp-size",
                pool.StageCards)
            .When(pool.Layout.PipelineParallel > 1, some => some.Says($"PP {pool.Layout.PipelineParallel}", "--pp-size", pool.Layout.PipelineParallel))
            .When(pool.Ranks > 1, some => some
                .Says(RanksOf(pool), "--dp-size", pool.Ranks)
                .Flag("--enable-dp-attention")
                .Flag("--enable-dp-lm-head")
                .When(pool.Layout.TensorParallel == 1 && HasDenseBlocks(pool.Job.Model), more => more.Flag("--moe-dense-tp-size", 1)));
        Experts(command, pool);
        command
            .When(pool.Drafts > 0, some => some
                .Says(DraftsOf(pool), "--speculative-algorithm", Algorithm(pool.Drafter.Kind))
                .When(pool.Drafter.Checkpoint.Length > 0, more => more.Flag("--speculative-draft-model-path", pool.Drafter.Checkpoint))
                .When(pool.Drafter.Kind != DraftKind.Lookup, more => more.Flag("--speculative-num-steps", pool.Drafts).Flag("--speculative-eagle-topk", 1))
                .Flag("--speculative-num-draft-tokens", pool.Drafts + 1))
            .Says(ContextOf(pool), "--context-length", pool.ContextTokens)
            .Says($"batch: {pool.RankSequences} sequences of each of {pool.Ranks} ranks", "--max-running-requests", pool.RankSequences * pool.Ranks)
            .Says($"prompt tokens of a step: the engine's chunk of each of {pool.Ranks} ranks", "--chunked-prefill-size", (long)pool.Settings.ChunkTokens * pool.Ranks)
            .Says("memory: weights and cache", "--mem-fraction-static", pool.StaticShare)
            .Says($"cache bytes {pool.Job.Precision.CacheBytes}", "--kv-cache-dtype", pool.CachesInEightBits ? "fp8_e4m3" : pool.SixteenBitCache)
            .When(pool.Quantization.Length > 0, some => some.Says($"weight bytes {pool.Job.Precision.WeightBytes}", "--quantization", pool.Quantization))
            .When(LimitsImages(pool.Job.Lengths.Images.Images), some => some
                .Flag("--enable-multimodal")
                .Says(ImagesOf(pool), "--limit-mm-data-per-request", $$"""{"image":{{pool.Job.Lengths.Images.Images}},"video":0}"""))
            .When(pool.SpansServers, some => some
                .Add(new LaunchWord("--dist-init-addr"), new LaunchWord($"{InstanceNode.Head}:{GroupPort}", Expands: true))
                .Says($"an instance on {pool.Nodes} servers", "--nnodes", pool.Nodes)
                .Add(new LaunchWord("--node-rank"), node.Word));
        return pool.Role switch
        {
            PoolRole.Prefill => command.Says("prefill and decode apart", "--disaggregation-mode", "prefill")
                .Flag("--disaggregation-transfer-backend", "nixl")
                .Flag("--disaggregation-bootstrap-port", pool.PortOf(node.Place) + BootstrapOffset),
            PoolRole.Decode => command.Says("prefill and decode apart", "--disaggregation-mode", "decode")
                .Flag("--disaggregation-transfer-backend", "nixl"),
            _ => command,
        };
    }

    /// <inheritdoc/>
    public override LaunchCommand? Router(LaunchFront front)
    {
        static LaunchWord Url(FrontAddress address) => new($"http://{address.Host.Text}:{address.Port}", address.Host.Expands);
        LaunchCommand command = new("python3", "-m", "sglang_router.launch_router");
        if (front.IsSplit)
        {
            command.Flag("--pd-disaggregation");
            foreach (FrontAddress address in front.Prefill)
            {
                command.Add(new LaunchWord("--prefill"), Url(address), new LaunchWord($"{address.Port + BootstrapOffset}"));
            }

            foreach (FrontAddress address in front.Decode)
            {
                command.Add(new LaunchWord("--decode"), Url(address));
            }
        }
        else
        {
            command.Add([new LaunchWord("--worker-urls"), .. front.Serve.Select(Url)]).Flag("--policy", "cache_aware");
        }

        return command.Flag("--host", "0.0.0.0").Flag("--port", front.Port);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Approximations(LaunchPool pool)
    {
        if (pool.Ranks > 1)
        {
            yield return "Attention data parallel works for some architectures alone (DeepSeek, Qwen experts; more in newer releases).";
            yield return "--max-running-requests is written for all ranks together, as its examples do; no text that was read says so.";
        }

        if (pool.Ranks > 1 && pool.Layout.TensorParallel > 1 && HasDenseBlocks(pool.Job.Model))
        {
            yield return $"Dense blocks are sliced over all {pool.StageCards} cards; the plan counts TP {pool.Layout.TensorParallel}.";
        }

        if (pool is { Drafts: > 0, Drafter.Missing: { } missing })
        {
            yield return missing;
        }

        if (pool is { Drafts: > 0, Drafter.Kind: DraftKind.Prediction })
        {
            yield return "EAGLE without a draft model drafts by the checkpoint's own prediction blocks; the model must have them.";
        }

        if (UsesLibrary(pool))
        {
            yield return "DeepEP must be in the image for --moe-a2a-backend deepep.";
        }

        if (pool.Layout.PipelineParallel > 1)
        {
            yield return "Pipelines turn the overlap of the scheduler with the device off.";
        }

        if (pool.Role == PoolRole.Decode || pool.Instances > 1)
        {
            yield return "The router is the package sglang_router, which must be in the image or installed.";
        }
    }

    /// <summary>DeepEP takes whole experts spread over all cards of an instance; copies of experts are written with it as the pages do.</summary>
    private static bool UsesLibrary(LaunchPool pool) =>
        pool.Layout.ExpertTensorParallel == 1 && (pool.HasExpertLibrary || (pool.Layout.RedundantExperts > 0 && pool.Ranks > 1));

    /// <remarks>Its server refuses such drafters beside attention data parallel, at its start.</remarks>
    public override string? DraftRefusal(LaunchPool pool) => pool is { Ranks: > 1, Drafter.Kind: DraftKind.Lookup or DraftKind.Model }
        ? "drafts by ngram or a draft model beside attention data parallel: it takes these on one attention rank alone"
        : null;

    private static string Algorithm(DraftKind kind) => kind switch
    {
        DraftKind.Lookup => "NGRAM",
        DraftKind.Eagle3 => "EAGLE3",
        DraftKind.Model => "STANDALONE",
        _ => "EAGLE",
    };

    private static void Experts(LaunchCommand command, LaunchPool pool)
    {
        if (pool.Job.Model.Experts is null)
        {
            return;
        }

        string mode = pool.Role switch
        {
            PoolRole.Prefill => "normal",
            PoolRole.Decode => "low_latency",
            _ => "auto",
        };
        command
            .Says($"EP {pool.Layout.ExpertParallel} x MoE-TP {pool.Layout.ExpertTensorParallel}: the rest of --tp-size slices", "--ep-size", pool.Layout.ExpertParallel)
            .When(UsesLibrary(pool), some => some.Says("experts by an expert-parallel library", "--moe-a2a-backend", "deepep").Flag("--deepep-mode", mode))
            .When(pool.Layout.RedundantExperts > 0, some => some
                .Flag("--enable-eplb")
                .Says(CopiesOf(pool), "--ep-num-redundant-experts", pool.Layout.RedundantExperts));
    }
}
