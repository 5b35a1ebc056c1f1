using System.Text.Json.Nodes;
using FastSim.Search.Plans;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What <c>run --launch</c> writes: every flag and key is in the tables of engines' flags, with a value of the kind that they take.</summary>
public sealed class LaunchTests(LaunchTests.Runs runs) : IClassFixture<LaunchTests.Runs>
{
    /// <summary>Published configurations in part: of a model with group-query attention and experts in blocks of 8-bit weights, and of one with latent attention.</summary>
    private const string GroupQueryExperts = """
        {"model_type": "qwen3_moe", "torch_dtype": "bfloat16", "hidden_size": 4096, "intermediate_size": 12288, "moe_intermediate_size": 1536,
         "num_hidden_layers": 94, "num_attention_heads": 64, "num_key_value_heads": 4, "head_dim": 128, "num_experts": 128, "num_experts_per_tok": 8,
         "decoder_sparse_step": 1, "mlp_only_layers": [], "norm_topk_prob": true, "vocab_size": 151936, "tie_word_embeddings": false, "max_position_embeddings": 40960,
         "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128], "activation_scheme": "dynamic"}}
        """;

    private const string Latent = """
        {"model_type": "deepseek_v3", "torch_dtype": "bfloat16", "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048,
         "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
         "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 256, "num_experts_per_tok": 8, "n_shared_experts": 1, "first_k_dense_replace": 3,
         "moe_layer_freq": 1, "num_nextn_predict_layers": 1, "vocab_size": 129280, "max_position_embeddings": 163840, "n_group": 8, "topk_group": 4,
         "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128], "activation_scheme": "dynamic"}}
        """;

    public static TheoryData<string, string> All => new(
        from run in new[] { "dense", "experts", "latent", "split", "pipeline" } from engine in EngineLayouts.Known select (run, engine));

    [Theory]
    [MemberData(nameof(All))]
    public void Every_flag_and_key_is_in_the_tables(string run, string engine)
    {
        WrittenLaunch written = runs.Of(run, engine);
        EngineFlagTable table = new(engine);
        Assert.Contains("README.txt", written.Names);
        Assert.Contains(written.Names, name => name.EndsWith(".sh", StringComparison.Ordinal));
        int judged = 0;
        foreach (string script in written.Names.Where(name => name.EndsWith(".sh", StringComparison.Ordinal)))
        {
            Assert.Equal("", written.Syntax(script));
            Assert.NotEmpty(written.Commands(script));
            foreach (string[] command in written.Commands(script))
            {
                judged += table.Judge(command).Count;
            }
        }

        foreach (string file in written.Names.Where(name => name.EndsWith(".yaml", StringComparison.Ordinal)))
        {
            judged += JudgeYaml(written, table, file);
        }

        Assert.True(judged > 10, $"{judged} flags and keys judged");
        Assert.Contains($"flags are those of {table.Version}", written.Text("README.txt").ReplaceLineEndings(" ").Replace($"{Title(engine)} ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(table.Image, written.Text("README.txt"), StringComparison.Ordinal);
    }

    /// <summary>A flag without a text that it was read in is a guess.</summary>
    [Fact]
    public void Tables_say_where_each_flag_was_read_and_of_which_release()
    {
        foreach (string engine in EngineLayouts.Known)
        {
            JsonNode table = JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "engines", $"{engine}.json")))!;
            Assert.StartsWith("Inferred: ", (string?)table["version_basis"], StringComparison.Ordinal);
            foreach (JsonNode? command in table["commands"]!.AsArray())
            {
                Assert.Equal(command!["yaml"] is null, command["yaml_source"] is null);
                Assert.All(command["flags"]!.AsArray(), flag =>
                {
                    Assert.NotEmpty(flag!["read_in"]!.AsArray());
                    Assert.All(flag["read_in"]!.AsArray(), text => Assert.NotNull(table["texts"]![(string)text!]));
                });
            }
        }
    }

    /// <summary>Two ranks of TP 4 on a server are two instances for each engine; one server needs no router where the engine brings none.</summary>
    [Fact]
    public void A_dense_model_on_one_server()
    {
        WrittenLaunch vllm = runs.Of("dense", "vllm");
        Assert.Equal(["README.txt", "balancer.conf", "compose.yaml", "start.sh"], vllm.Names);
        IReadOnlyList<string[]> commands = vllm.Commands("start.sh");
        Assert.Equal(2, commands.Count);
        Dictionary<string, string> flags = new EngineFlagTable("vllm").Judge(commands[1]);
        Assert.Equal("4", flags["--tensor-parallel-size"]);
        Assert.Equal("8200", flags["--port"]);
        Assert.Equal("1280", flags["--max-model-len"]);
        Assert.Equal("auto", flags["--kv-cache-dtype"]);
        Assert.DoesNotContain("--quantization", flags.Keys);
        Assert.DoesNotContain("--enable-expert-parallel", flags.Keys);
        Assert.Contains("CUDA_VISIBLE_DEVICES=4,5,6,7 ", vllm.Text("start.sh"), StringComparison.Ordinal);
        Assert.Contains(("services.instance-1.deploy.resources.reservations.devices[].device_ids[]", "4", true), vllm.Yaml("compose.yaml"));
        Assert.Contains("server 127.0.0.1:8200;", vllm.Text("balancer.conf"), StringComparison.Ordinal);

        WrittenLaunch sglang = runs.Of("dense", "sglang");
        Assert.Equal(["README.txt", "compose.yaml", "start-router.sh", "start.sh"], sglang.Names);
        Assert.Equal("http://127.0.0.1:8100 http://127.0.0.1:8200", new EngineFlagTable("sglang").Judge(sglang.Commands("start-router.sh")[0])["--worker-urls"]);
        Assert.Contains(sglang.Yaml("compose.yaml"), value => value.Path == "services.router.command[]" && value.Value == "--worker-urls");
        Assert.Contains(("tensor_parallel_size", "4", false), runs.Of("dense", "trtllm").Yaml("config.yaml"));
    }

    /// <summary>Attention TP 4 with two ranks an instance, experts over its 8 cards: what vLLM and SGLang name otherwise, and TensorRT-LLM cannot do.</summary>
    [Fact]
    public void Ranks_and_experts_of_an_instance_in_each_engines_words()
    {
        Dictionary<string, string> vllm = new EngineFlagTable("vllm").Judge(runs.Of("mixed", "vllm").Commands("start.sh")[0]);
        Assert.Equal(("4", "2"), (vllm["--tensor-parallel-size"], vllm["--data-parallel-size"]));
        Assert.Contains("--enable-expert-parallel", vllm.Keys);
        Dictionary<string, string> sglang = new EngineFlagTable("sglang").Judge(runs.Of("mixed", "sglang").Commands("start.sh")[0]);
        Assert.Equal(("8", "2", "8"), (sglang["--tp-size"], sglang["--dp-size"], sglang["--ep-size"]));
        Assert.Contains("--enable-dp-attention", sglang.Keys);
        Assert.Equal(["NOT-SUPPORTED.txt"], runs.Of("mixed", "trtllm").Names);
        string refusal = runs.Of("mixed", "trtllm").Text("NOT-SUPPORTED.txt").ReplaceLineEndings(" ");
        Assert.Contains("an instance's 2 attention ranks of TP 4 both slice and repeat attention", refusal, StringComparison.Ordinal);
        Assert.Contains("The nearest thing to change: TP 1 with 8 ranks, or TP 8.", refusal, StringComparison.Ordinal);
        Assert.Contains("warning: run_0: trtllm cannot run the plan: an instance's 2 attention ranks", runs.Outcome("mixed").Error, StringComparison.Ordinal);
    }

    /// <summary>16 ranks on two servers: a script a server, pods in groups of two, drafts and their own load balancing.</summary>
    [Fact]
    public void Latent_attention_over_two_servers_with_drafts_and_redundant_experts()
    {
        WrittenLaunch vllm = runs.Of("latent", "vllm");
        Assert.Equal(["README.txt", "leaderworkerset.yaml", "start-node-0.sh", "start-node-1.sh"], vllm.Names);
        Dictionary<string, string> flags = new EngineFlagTable("vllm").Judge(vllm.Commands("start-node-1.sh")[0]);
        Assert.Equal(("16", "8", "8"), (flags["--data-parallel-size"], flags["--data-parallel-size-local"], flags["--data-parallel-start-rank"]));
        Assert.Contains("--headless", flags.Keys);
        Assert.Equal("""{"num_redundant_experts":32}""", flags["--eplb-config"]);
        Assert.Equal("""{"method":"mtp","num_speculative_tokens":1}""", flags["--speculative-config"]);
        Assert.Equal("fp8", flags["--kv-cache-dtype"]);
        Assert.DoesNotContain("--quantization", flags.Keys);
        Assert.DoesNotContain("--headless", new EngineFlagTable("vllm").Judge(vllm.Commands("start-node-0.sh")[0]).Keys);
        Assert.Contains("DEFAULT_MODEL='deepseek-ai/DeepSeek-V3'\n", vllm.Text("start-node-0.sh"), StringComparison.Ordinal);
        Assert.Contains(("spec.leaderWorkerTemplate.size", "2", false), vllm.Yaml("leaderworkerset.yaml"));

        WrittenLaunch sglang = runs.Of("latent", "sglang");
        flags = new EngineFlagTable("sglang").Judge(sglang.Commands("start-node-1.sh")[0]);
        Assert.Equal(("16", "16", "16", "32"), (flags["--tp-size"], flags["--dp-size"], flags["--ep-size"], flags["--ep-num-redundant-experts"]));
        Assert.Equal(("2", "1", "${HEAD}:20102"), (flags["--nnodes"], flags["--node-rank"], flags["--dist-init-addr"]));
        Assert.Equal(("1", "1", "2"), (flags["--moe-dense-tp-size"], flags["--speculative-num-steps"], flags["--speculative-num-draft-tokens"]));

        WrittenLaunch trtllm = runs.Of("latent", "trtllm");
        Assert.Equal(["README.txt", "config.yaml", "start-slurm.sh"], trtllm.Names);
        IReadOnlyList<(string Path, string Value, bool IsQuoted)> settings = trtllm.Yaml("config.yaml");
        Assert.Contains(("enable_attention_dp", "true", false), settings);
        Assert.Contains(("moe_config.load_balancer.num_slots", "288", false), settings);
        Assert.Contains("--ntasks-per-node 8", trtllm.Text("start-slurm.sh"), StringComparison.Ordinal);
    }

    /// <summary>What drafts in each engine's words, on tables and files alike; a head's checkpoint, which no plan names, is left to be put in.</summary>
    [Theory]
    [InlineData("ngram", """{"method":"ngram","num_speculative_tokens":3}""", "NGRAM", "", "NGram", "")]
    [InlineData("eagle", """{"method":"eagle","model":"EAGLE-HEAD","num_speculative_tokens":3}""", "EAGLE", "EAGLE-HEAD", null, "")]
    [InlineData("eagle3", """{"method":"eagle3","model":"EAGLE-HEAD","num_speculative_tokens":3}""", "EAGLE3", "EAGLE-HEAD", "Eagle3", "EAGLE-HEAD")]
    [InlineData("llama_3_8b.json", """{"method":"draft_model","model":"llama-3-8b","num_speculative_tokens":3}""", "STANDALONE", "llama-3-8b", "Draft_Target", "llama-3-8b")]
    public void A_drafter_in_each_engines_words(string draft, string vllm, string sglang, string path, string? trtllm, string model)
    {
        using TemporaryFolder folder = new();
        string drafter = draft.EndsWith(".json", StringComparison.Ordinal) ? Repository.PathOf("data", "models", draft) : draft;
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "plan", Repository.PathOf("data", "models", "llama_3_70b.json"), "--chip", "H100_SXM", "--cards", "4", "--in", "1000", "--out", "200", "--drafts", "3", "--draft", drafter, "--launch", folder.PathOf("launch"));
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        WrittenLaunch Of(string engine) => new(folder.PathOf("launch", engine));
        Dictionary<string, string> Flags(string engine, string flag) => Of(engine).Names.Where(name => name.StartsWith("start", StringComparison.Ordinal))
            .SelectMany(name => Of(engine).Commands(name)).Select(new EngineFlagTable(engine).Judge).First(flags => flags.ContainsKey(flag));
        Assert.Equal(vllm, Flags("vllm", "--speculative-config")["--speculative-config"]);
        Dictionary<string, string> flags = Flags("sglang", "--speculative-algorithm");
        Assert.Equal((sglang, "4"), (flags["--speculative-algorithm"], flags["--speculative-num-draft-tokens"]));
        Assert.Equal(path, flags.GetValueOrDefault("--speculative-draft-model-path", ""));
        Assert.Equal(draft == "ngram" ? null : "3", flags.GetValueOrDefault("--speculative-num-steps"));
        string page = Of("sglang").Text("README.txt").ReplaceLineEndings(" ");
        Assert.Equal(path.Length > 0, page.Contains(path == "EAGLE-HEAD" ? "in the place of EAGLE-HEAD" : "The plan knows the draft model as llama-3-8b", StringComparison.Ordinal));
        if (trtllm is null)
        {
            Assert.Contains("drafts by an EAGLE head of the first kind", Of("trtllm").Text("NOT-SUPPORTED.txt").ReplaceLineEndings(" "), StringComparison.Ordinal);
            return;
        }

        string settings = Of("trtllm").Names.First(name => name.StartsWith("config", StringComparison.Ordinal));
        IReadOnlyList<(string Path, string Value, bool IsQuoted)> written = Of("trtllm").Yaml(settings);
        Assert.Contains(("speculative_config.decoding_type", trtllm, true), written);
        Assert.Contains(("speculative_config.max_draft_len", "3", false), written);
        Assert.Equal(model, written.FirstOrDefault(value => value.Path == "speculative_config.speculative_model").Value ?? "");
        foreach ((string key, string value, bool isQuoted) in written)
        {
            new EngineFlagTable("trtllm").JudgeSetting("trtllm-serve", key, value, isQuoted);
        }
    }

    /// <summary>SGLang's server ends at its start with such drafters beside attention data parallel, which is how experts on 16 cards are best laid out.</summary>
    [Fact]
    public void Lookups_beside_attention_data_parallel_are_not_for_sglang()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "plan", Repository.PathOf("data", "models", "deepseek_v3_flash_mla_absorb.json"), "--chip", "H200_SXM", "--cards", "16", "--in", "2000", "--out", "500", "--tpot", "60", "--precision", "fp8",
            "--drafts", "3", "--draft", "ngram", "--launch", folder.PathOf("launch"));
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        string page = new WrittenLaunch(folder.PathOf("launch", "sglang")).Text("NOT-SUPPORTED.txt").ReplaceLineEndings(" ");
        Assert.Contains("beside attention data parallel", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT-SUPPORTED.txt", new WrittenLaunch(folder.PathOf("launch", "vllm")).Names);
    }

    [Fact]
    public void Stages_over_servers_are_nodes_of_one_rank()
    {
        Dictionary<string, string> vllm = new EngineFlagTable("vllm").Judge(runs.Of("pipeline", "vllm").Commands("start-node-1.sh")[0]);
        Assert.Equal(("8", "2", "2", "1"), (vllm["--tensor-parallel-size"], vllm["--pipeline-parallel-size"], vllm["--nnodes"], vllm["--node-rank"]));
        Dictionary<string, string> sglang = new EngineFlagTable("sglang").Judge(runs.Of("pipeline", "sglang").Commands("start-node-1.sh")[0]);
        Assert.Equal(("8", "2", "2"), (sglang["--tp-size"], sglang["--pp-size"], sglang["--nnodes"]));
    }

    /// <summary>Prefill on one server, decode on two: each pool's own files, and what stands before them.</summary>
    [Fact]
    public void Prefill_and_decode_apart()
    {
        WrittenLaunch vllm = runs.Of("split", "vllm");
        Assert.Equal(["README.txt", "compose-decode.yaml", "compose-prefill.yaml", "start-decode.sh", "start-prefill.sh", "start-router.sh"], vllm.Names);
        Dictionary<string, string> proxy = new EngineFlagTable("vllm").Judge(vllm.Commands("start-router.sh")[0]);
        Assert.Equal(("${PREFILL_0}", "8100"), (proxy["--prefiller-hosts"], proxy["--prefiller-ports"]));
        Assert.Equal(("${DECODE_0} ${DECODE_1}", "8100 8100"), (proxy["--decoder-hosts"], proxy["--decoder-ports"]));
        Assert.Equal("""{"kv_connector":"NixlConnector","kv_role":"kv_producer"}""", new EngineFlagTable("vllm").Judge(vllm.Commands("start-prefill.sh")[0])["--kv-transfer-config"]);
        Assert.Contains("VLLM_NIXL_SIDE_CHANNEL_PORT=5600", vllm.Text("start-decode.sh"), StringComparison.Ordinal);
        Assert.Contains("run it on each of the 2 servers\n", vllm.Text("start-decode.sh"), StringComparison.Ordinal);
        Assert.Contains("find each other by SIDE_CHANNEL_HOST", vllm.Text("README.txt").ReplaceLineEndings(" ").Replace("     ", " ", StringComparison.Ordinal), StringComparison.Ordinal);

        WrittenLaunch sglang = runs.Of("split", "sglang");
        string[] router = sglang.Commands("start-router.sh")[0];
        Assert.Contains("--pd-disaggregation", router);
        Assert.Equal(2, router.Count(word => word == "--decode"));
        Assert.Equal("8120", new EngineFlagTable("sglang").Judge(sglang.Commands("start-prefill.sh")[0])["--disaggregation-bootstrap-port"]);
        Assert.Equal("8120", router[Array.IndexOf(router, "http://${PREFILL_0}:8100") + 1]);

        WrittenLaunch trtllm = runs.Of("split", "trtllm");
        Assert.Contains(("generation_servers.urls[]", "decode-1:8100", true), trtllm.Yaml("disaggregated.yaml"));
        Assert.Contains(("generation_servers.num_instances", "2", false), trtllm.Yaml("disaggregated.yaml"));
        Assert.Contains(("cache_transceiver_config.max_tokens_in_buffer", "1280", false), trtllm.Yaml("config-prefill.yaml"));
    }

    /// <summary>Pools that one server holds share it: cards, ports and file of their own each.</summary>
    [Fact]
    public void Prefill_and_decode_on_one_server()
    {
        WrittenLaunch vllm = runs.Of("together", "vllm");
        Assert.Equal(["README.txt", "compose.yaml", "start-decode.sh", "start-prefill.sh", "start-router.sh"], vllm.Names);
        Assert.Contains("CUDA_VISIBLE_DEVICES=0,1,2,3 ", vllm.Text("start-prefill.sh"), StringComparison.Ordinal);
        Assert.Contains("CUDA_VISIBLE_DEVICES=4,5,6,7 ", vllm.Text("start-decode.sh"), StringComparison.Ordinal);
        Assert.Contains("VLLM_NIXL_SIDE_CHANNEL_PORT=5700", vllm.Text("start-decode.sh"), StringComparison.Ordinal);
        Dictionary<string, string> proxy = new EngineFlagTable("vllm").Judge(vllm.Commands("start-router.sh")[0]);
        Assert.Equal(("127.0.0.1", "8200"), (proxy["--decoder-hosts"], proxy["--decoder-ports"]));
        Assert.Contains(vllm.Yaml("compose.yaml"), value => value.Path == "services.router.entrypoint[]" && value.Value == "/launch/toy_proxy_server.py");
    }

    /// <summary>A name is text to a shell, whatever it has in it, and files of an earlier plan go.</summary>
    [Fact]
    public void A_models_name_is_only_text_and_earlier_files_go()
    {
        using TemporaryFolder folder = EditedInputs.Inputs();
        EditedInputs.Edit(folder, "dense.json", "tiny-dense", "a'; touch $(x) `y` \\\"z\\\" $HOME");
        EditedInputs.Edit(folder, "fusion.json", "\"dense.json\", \"experts.json\"", "\"dense.json\"");
        string own = folder.PathOf("launch", "vllm", "start-node-7.sh");
        string foreign = folder.PathOf("launch", "vllm", "notes.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(own)!);
        File.WriteAllText(own, "old");
        File.WriteAllText(foreign, "kept");
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json", "-q", "--launch", folder.PathOf("launch"));
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.False(File.Exists(own));
        Assert.True(File.Exists(foreign));
        WrittenLaunch written = new(folder.PathOf("launch", "vllm"));
        Assert.Equal("", written.Syntax("start.sh"));
        Assert.Contains(@"DEFAULT_MODEL='a'\''; touch $(x) `y` ""z"" $HOME'", written.Text("start.sh"), StringComparison.Ordinal);
        Assert.Contains(("services.instance-0.command[]", "a'; touch $$(x) `y` \"z\" $$HOME", true), written.Yaml("compose.yaml"));
        Assert.Contains("set MODEL", written.Text("README.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_jobs_have_a_folder_each_and_none_is_written_without_the_option()
    {
        using TemporaryFolder folder = EditedInputs.Inputs();
        Assert.Equal(0, EditedInputs.Run(folder, "fusion.json", "-q").ExitCode);
        Assert.False(Directory.Exists(folder.PathOf("launch")));
        Assert.Equal(0, EditedInputs.Run(folder, "fusion.json", "-q", "--launch", folder.PathOf("launch")).ExitCode);
        Assert.Equal(["run_0", "run_1"], Directory.GetDirectories(folder.PathOf("launch")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("", "--launch: found an empty value")]
    [InlineData("fusion.json", "the folder of the results cannot be created")]
    public void A_folder_that_cannot_be_is_refused(string name, string message)
    {
        using TemporaryFolder folder = EditedInputs.Inputs();
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json", "-q", "--launch", name.Length == 0 ? "" : folder.PathOf(name));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    private static int JudgeYaml(WrittenLaunch written, EngineFlagTable table, string file)
    {
        IReadOnlyList<(string Path, string Value, bool IsQuoted)> values = written.Yaml(file);
        Assert.NotEmpty(values);
        foreach ((string path, string value, bool isQuoted) in values)
        {
            if (file.StartsWith("config", StringComparison.Ordinal))
            {
                table.JudgeSetting("trtllm-serve", path, value, isQuoted);
            }
            else if (file == "disaggregated.yaml")
            {
                table.JudgeSetting("trtllm-serve disaggregated", path, value, isQuoted);
            }
            else
            {
                EngineFlagTable.JudgeContainer(file.StartsWith("compose", StringComparison.Ordinal) ? "compose" : "leaderworkerset", path, value, isQuoted);
            }
        }

        // Command lines inside containers' files are judged as those of scripts are.
        foreach (IGrouping<string, (string Path, string Value, bool IsQuoted)> service in values
            .Where(value => value.Path.EndsWith("entrypoint[]", StringComparison.Ordinal) || (value.Path.StartsWith("services.", StringComparison.Ordinal) && value.Path.EndsWith("command[]", StringComparison.Ordinal)))
            .GroupBy(value => value.Path.Split('.')[1]))
        {
            table.Judge([.. service.OrderBy(value => value.Path.EndsWith("command[]", StringComparison.Ordinal)).Select(value => value.Value)]);
        }

        foreach ((_, string script, _) in values.Where(value => value.Path.EndsWith("containers[].command[]", StringComparison.Ordinal) && value.Value.StartsWith("HEAD=", StringComparison.Ordinal)))
        {
            table.Judge(Assert.Single(WrittenLaunch.CommandsOf(script)));
        }

        return values.Count;
    }

    private static string Title(string engine) => engine switch
    {
        "vllm" => "vLLM",
        "sglang" => "SGLang",
        _ => "TensorRT-LLM",
    };

    /// <summary>Runs whose launch files the tests read; each runtime is run once.</summary>
    public sealed class Runs : IDisposable
    {
        private readonly TemporaryFolder folder = new();
        private readonly Dictionary<string, FastSimProgram.Outcome> outcomes = [];

        public Runs()
        {
            Model("Qwen--Qwen3-235B-A22B-FP8", GroupQueryExperts);
            Model("deepseek-ai--DeepSeek-V3", Latent);
            string dense = Repository.PathOf("data", "models", "llama_3_8b.json");
            Fusion("dense", dense, 8, "[[2, 1, 4]]", "null", 2, "H100_SXM");
            Fusion("pipeline", dense, 16, "[[1, 2, 8]]", "null", 2, "H100_SXM");
            Fusion("experts", Path("Qwen--Qwen3-235B-A22B-FP8"), 8, "[[1, 1, 8]]", "[[8, 1, 1]]", 1, "H100_SXM");
            Fusion("mixed", Path("Qwen--Qwen3-235B-A22B-FP8"), 8, "[[2, 1, 4]]", "[[8, 1, 1]]", 1, "H100_SXM");
            Fusion("latent", Path("deepseek-ai--DeepSeek-V3"), 16, "[[16, 1, 1]]", "[[16, 1, 1]]", 1, "H20", "\"num_redundant_experts_config\": 32, \"decode_mtp_token_config\": 1,");
            Split("split", Path("Qwen--Qwen3-235B-A22B-FP8"), "[8, 16]", "[[1, 1, 8]]", "[[8, 1, 1]]", "[[2, 1, 8]]", "[[8, 1, 2]]", 1);
            Split("together", dense, "[4, 4]", "[[1, 1, 4]]", "null", "[[1, 1, 4]]", "null", 2);
        }

        internal FastSimProgram.Outcome Outcome(string run) => outcomes[run];

        internal WrittenLaunch Of(string run, string engine)
        {
            Assert.True(outcomes[run].ExitCode == 0, outcomes[run].Error + outcomes[run].Output);
            return new WrittenLaunch(folder.PathOf("launch", run, engine));
        }

        public void Dispose() => folder.Dispose();

        private string Path(string model) => folder.PathOf(model);

        private void Model(string name, string config)
        {
            Directory.CreateDirectory(Path(name));
            folder.Write(System.IO.Path.Combine(name, "config.json"), config);
        }

        private void Fusion(string name, string model, int cards, string attention, string experts, int bytes, string system, string more = "") => Run(name, $$"""
            {"pd-fusion": {"model_list": ["{{model}}"], "sequence_length_list": [[1024, 256]], "num_procs_list": [{{cards}}], "parallel_config": {{attention}},
             "moe_parallel_config": {{experts}}, {{more}} {{Common(bytes)}} "sys_list": ["{{Repository.PathOf("data", "systems", system + ".json")}}"] } }
            """);

        private void Split(string name, string model, string cards, string prefill, string prefillExperts, string decode, string decodeExperts, int bytes)
        {
            string chip = Repository.PathOf("data", "systems", "H100_SXM.json");
            int total = cards.Trim('[', ']').Split(',').Sum(int.Parse);
            Run(name, $$"""
                {"pd-split-request-optimal": {"model_list": ["{{model}}"], "sequence_length_list": [[1024, 256]], "num_procs_list": [{{total}}], "pd_num_procs_list": [{{cards}}],
                 "p_parallel_config": {{prefill}}, "p_moe_parallel_config": {{prefillExperts}}, "d_parallel_config": {{decode}}, "d_moe_parallel_config": {{decodeExperts}},
                 {{Common(bytes)}} "sys_list": [["{{chip}}", "{{chip}}"]] } }
                """);
        }

        private static string Common(int bytes) => $$"""
            "wac_bytes_list": [[{{bytes}}, {{bytes}}, {{bytes}}, 2]], "flops_type_list": [["{{(bytes == 1 ? "float8" : "float16")}}", "float16", "float16"]],
            "time_limit_list": [[null, null]], "accounting": "physical", "output": "out",
            """;

        private void Run(string name, string runtime) => outcomes[name] = FastSimProgram.Run(
            "run", "-c", folder.Write($"{name}.json", runtime), "-o", folder.PathOf("out", name), "--launch", folder.PathOf("launch", name));
    }
}
