using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>How <c>fastsim predict</c> reads a table: every column counts, is named as counting for nothing, or is refused; what is taken otherwise is said.</summary>
public sealed class ServingReadingTests
{
    private const string Header = "model_path,system,backend,isl,osl,batch_size,tp_size";
    private const string Row = "owner/Toy-1B,Timed_SXM,trtllm,1024,256,8,2";

    private const string Experts =
        """
        {"model": "toy-experts", "hidden": 1024, "feedforward": 4096, "num_blocks": 4, "attn_type": "group-query", "attn_heads": 16, "kv_heads": 2,
         "attn_size": 64, "use_flash_attn": true, "vocab_size": 32000, "num_experts": 16, "moe_intermediate_size": 512, "top_experts_activation": 2}
        """;

    [Theory]
    [InlineData("bf16", "bfloat16")]
    [InlineData("fp16", "bfloat16")]
    [InlineData("BF16", "bfloat16")]
    [InlineData("fp8", "fp8")]
    [InlineData("fp8_e4m3", "fp8")]
    public void A_precision_counts_as_the_type_of_products(string precision, string products)
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run("predict", $"{Header},precision\n{Row},{precision}\n").ExitCode);
        string byPrecision = Cell(files, "predicted_tpot_ms");
        Assert.Equal("", Cell(files, "defaults"));
        files.Run("predict", $"{Header},gemm_quant_mode\n{Row},{products}\n");
        Assert.Equal(byPrecision, Cell(files, "predicted_tpot_ms"));
        files.Run("predict", $"{Header},precision,gemm_quant_mode\n{Row},{precision},{products}\n");
        Assert.Equal(byPrecision, Cell(files, "predicted_tpot_ms"));
        files.Run("predict", $"{Header}\n{Row}\n");
        Assert.Equal(products == "bfloat16", byPrecision == Cell(files, "predicted_tpot_ms"));
        Assert.Equal("precision = bfloat16", Cell(files, "defaults"));
    }

    [Theory]
    [InlineData("nonsense", "unknown precision nonsense; expected bfloat16, fp8, fp8_block, nvfp4, int8_wo, int4_wo, sq")]
    [InlineData("b16", "unknown precision b16; expected bfloat16, fp8, fp8_block, nvfp4, int8_wo, int4_wo, sq; did you mean \"bf16\"?")]
    [InlineData("int8", "unknown precision int8; expected bfloat16, fp8, fp8_block, nvfp4, int8_wo, int4_wo, sq; did you mean \"int8_wo\"?")]
    [InlineData("e5m2", "unknown precision e5m2; expected bfloat16, fp8, fp8_block, nvfp4, int8_wo, int4_wo, sq; did you mean \"fp8\"?")]
    [InlineData("mxfp4", "unknown precision mxfp4; expected bfloat16, fp8, fp8_block, nvfp4, int8_wo, int4_wo, sq; did you mean \"fp4\"?")]
    public void A_word_that_is_no_precision_is_refused(string precision, string reason)
    {
        using ServingFiles files = new();
        Assert.Equal(3, files.Run("predict", $"{Header},precision\n{Row},{precision}\n").ExitCode);
        Assert.Equal((reason, ""), (Cell(files, "not_covered"), Cell(files, "predicted_tpot_ms")));
        Assert.Equal(3, files.Run("predict", $"{Header},precision,gemm_quant_mode\n{Row},{precision},fp8\n").ExitCode);
        Assert.Equal(reason, Cell(files, "not_covered"));
    }

    /// <summary>Weights alone in 8 and 4 bits take what they are stored in, where the clock knows any format.</summary>
    [Theory]
    [InlineData("int8_wo", 1)]
    [InlineData("int4_wo", 0.5)]
    public void A_row_may_state_weights_alone(string type, double bytes)
    {
        using ServingFiles files = new();
        double Weights(string products)
        {
            Assert.Equal(0, files.Run("predict", $"{Header},gemm_quant_mode\n{Row},{products}\n", "--timing", "roofline").ExitCode);
            return double.Parse(Cell(files, "memory_weights_gib"), CultureInfo.InvariantCulture);
        }

        (double wide, double eight) = (Weights("bfloat16"), Weights("fp8"));
        Assert.InRange((wide - Weights(type)) / (wide - eight), (2 - bytes) * 0.9, 2 - bytes);
    }

    /// <summary>A request of one token has no further ones, and a row of such says so.</summary>
    [Fact]
    public void An_answer_of_one_token_is_said_to_have_no_further_ones()
    {
        using ServingFiles files = new();
        string Defaults(string output)
        {
            Assert.Equal(0, files.Run("predict", $"model_path,system,backend,isl,osl,batch_size,tp_size,precision\nowner/Toy-1B,Timed_SXM,trtllm,1024,{output},8,1,fp8\n").ExitCode);
            return Cell(files, "defaults");
        }

        Assert.Equal("osl 1: no token follows an answer's first, predicted_tpot_ms is that of one that would", Defaults("1"));
        Assert.Equal("", Defaults("2"));
    }

    [Fact]
    public void Commas_between_places_are_told_from_names()
    {
        using ServingFiles files = new();
        File.WriteAllText(files.PathOf("table.csv"), $"{Header}\n{Row}\n");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("predict", "-t", files.PathOf("table.csv"), "-o", files.PathOf("out.csv"), "--models", "a,b");
        Assert.Equal((2, "error: a,b: found no such folder or file; expected a folder of models, a model, or a CSV of name,file (--models); several have blanks between them, not commas"), (outcome.ExitCode, outcome.Error.Trim()));
    }

    [Fact]
    public void A_type_of_products_goes_before_another_precision_and_says_so()
    {
        using ServingFiles files = new();
        files.Run("predict", $"{Header},gemm_quant_mode\n{Row},fp8\n");
        string products = Cell(files, "predicted_tpot_ms");
        files.Run("predict", $"{Header},precision,gemm_quant_mode\n{Row},bf16,fp8\n");
        Assert.Equal(products, Cell(files, "predicted_tpot_ms"));
        Assert.Equal("gemm_quant_mode fp8 goes before precision bf16", Cell(files, "defaults"));
    }

    [Fact]
    public void Experts_have_the_type_that_is_stated_for_them()
    {
        using ServingFiles files = ExpertFiles();
        string Weights(string products, string experts)
        {
            files.Run("predict", $"{Header},gemm_quant_mode,moe_quant_mode\nowner/Moe-1B,Timed_SXM,trtllm,1024,256,8,1,{products},{experts}\n");
            Assert.Equal("", Cell(files, "not_covered"));
            return Cell(files, "memory_weights_gib");
        }

        // 4 blocks of 16 experts of 3·1024·512 elements: 100,663,296 at one byte each instead of two.
        double wide = double.Parse(Weights("bfloat16", "bfloat16"), CultureInfo.InvariantCulture);
        double narrow = double.Parse(Weights("bfloat16", "fp8"), CultureInfo.InvariantCulture);
        Assert.Equal(100_663_296 / (1024d * 1024 * 1024), wide - narrow, 12);
        Assert.Equal(Weights("bfloat16", ""), Weights("bfloat16", "bf16"));
        files.Run("predict", $"{Header},moe_quant_mode\nowner/Moe-1B,Timed_SXM,trtllm,1024,256,8,1,fp7\n");
        Assert.StartsWith("unknown data type fp7; expected bfloat16, fp8, fp8_block, nvfp4, w4a16_mxfp4", Cell(files, "not_covered"), StringComparison.Ordinal);
    }

    /// <summary>Kernels of the toy chip do not start ahead, so that of TensorRT-LLM releases are equal; vLLM's differ by the host's 20 µs a sequence of 8.</summary>
    [Fact]
    public void A_release_says_what_the_engine_has()
    {
        using ServingFiles files = new();
        double Time(string engine, string release)
        {
            files.Run("predict", $"{Header},precision,backend_version\n{Row.Replace("trtllm", engine, StringComparison.Ordinal)},bf16,{release}\n");
            Assert.Equal("", Cell(files, "not_covered"));
            return double.Parse(Cell(files, "predicted_tpot_ms"), CultureInfo.InvariantCulture);
        }

        Assert.Equal(Time("trtllm", "1.0"), Time("trtllm", "1.3.0rc2"));
        double present = Time("vllm", "0.15.1");
        Assert.True(Time("vllm", "0.13.0") > present);
        Assert.True(Time("vllm", "0.10.2") > Time("vllm", "0.13.0"));
        Assert.Equal(Time("vllm", "0.10.2"), Time("vllm", ""));
        Assert.Equal("an early vllm", Cell(files, "defaults"));
        Assert.Equal(Time("vllm", "0.10.2"), Time("vllm", "nightly"));
        Assert.Equal("an early vllm: backend_version nightly says no other", Cell(files, "defaults"));
        files.Run("predict", $"{Header},precision\n{Row.Replace("trtllm", "vllm", StringComparison.Ordinal)},bf16\n");
        Assert.Equal(present, double.Parse(Cell(files, "predicted_tpot_ms"), CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Columns_that_change_nothing_are_named_once()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run(
            "predict", $"{Header},backend_version,attention_dp,silicon_tpot_ms,note\n{Row},1.2,4,9,x\n{Row},1.2,4,9,x\n");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            1,
            outcome.Error.Split('\n').Count(line => line.EndsWith(
                "table.csv: columns that change nothing: attention_dp (did you mean attention_dp_size?), silicon_tpot_ms, note",
                StringComparison.Ordinal)));
        outcome = files.Run("validate", $"{Header},moe_quant_mode,benchmark,silicon_tpot_ms\n{Row},,1.2,9\n");
        Assert.Contains("columns that change nothing: benchmark\n", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("change nothing", files.Run("predict", $"{Header},moe_quant_mode\n{Row},\n").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_of_the_other_mode_are_named()
    {
        using ServingFiles files = new();
        files.Run("predict", $"{Header},decode_tp_size,prefill_tp_size\n{Row},4,0\n");
        Assert.Equal("mode is not stated, and decode_tp_size is; expected agg or disagg", Cell(files, "not_covered"));
        files.Run("predict", $"{Header},precision,mode,decode_tp_size\n{Row},fp8,agg,4\n");
        Assert.Equal("of mode disagg alone: decode_tp_size", Cell(files, "defaults"));
        files.Run("predict", $"{Header},precision,mode,decode_tp_size,prefill_tp_size,decode_batch_size,prefill_num_workers,decode_num_workers\n{Row},fp8,disagg,1,1,4,1,1\n");
        Assert.Equal("of mode agg alone: batch_size, tp_size", Cell(files, "defaults"));
    }

    /// <summary>Published tables have 0 for what does not apply in sizes of data and expert parallelism, and in columns of the other mode, nowhere else.</summary>
    [Theory]
    [InlineData("pp_size", "0", "pp_size is not a whole number from 1 to 16777215: 0")]
    [InlineData("attention_dp_size,moe_tp_size,moe_ep_size", "0,0,0", "")]
    [InlineData("attention_dp_size", "-1", "attention_dp_size is not a whole number from 0 to 16777215: -1")]
    [InlineData("mode,prefill_tp_size,decode_batch_size,decode_num_workers", "agg,0,0,0", "")]
    [InlineData("mode,prefill_pp_size,decode_batch_size", "disagg,0,4", "prefill_pp_size is not a whole number from 1 to 16777215: 0")]
    [InlineData("mode,decode_tp_size,decode_batch_size", "disagg,0,4", "decode_tp_size is not a whole number from 1 to 16777215: 0")]
    [InlineData("mode,decode_num_workers,decode_batch_size", "disagg,0,4", "decode_num_workers is not a number above 0: 0")]
    [InlineData("mode,prefill_batch_size,decode_batch_size", "disagg,0,4", "prefill_batch_size is not a number above 0: 0")]
    [InlineData("mode,decode_batch_size,concurrency", "disagg,0,4", "decode_batch_size is not a number above 0: 0")]
    public void A_stated_0_is_no_size_where_tables_have_none(string columns, string cells, string reason)
    {
        using ServingFiles files = new();
        Assert.Equal(reason.Length == 0 ? 0 : 3, files.Run("predict", $"{Header},precision,{columns}\n{Row},fp8,{cells}\n").ExitCode);
        Assert.Equal(reason, Cell(files, "not_covered"));
    }

    [Fact]
    public void A_layout_that_is_read_otherwise_says_so()
    {
        using ServingFiles files = ExpertFiles();
        string Defaults(string sizes)
        {
            files.Run("predict", $"model_path,system,backend,isl,osl,batch_size,precision,tp_size,attention_dp_size,moe_tp_size,moe_ep_size\nowner/Moe-1B,Timed_SXM,trtllm,1024,256,8,fp8,{sizes}\n");
            Assert.Equal("", Cell(files, "not_covered"));
            return Cell(files, "defaults");
        }

        Assert.Equal("", Defaults("2,1,2,1"));
        Assert.Equal("", Defaults("1,1,,"));
        Assert.Equal("moe_tp_size = 2; moe_ep_size = 1", Defaults("2,1,,"));

        // Experts on four cards, attention on two: two attention ranks, whose batch together is the one stated.
        Assert.Equal("layout read as TP2 DP2 MoE-TP1 EP4; batch_per_rank = 4: the batch is of all 2 ranks", Defaults("2,1,1,4"));
        Assert.Equal("layout read as TP2 DP1 MoE-TP2 EP1", Defaults("2,1,1,1"));
        files.Run("predict", $"{Header},precision,moe_tp_size,moe_ep_size\n{Row},fp8,2,1\n");
        Assert.Equal("moe_tp_size and moe_ep_size count for nothing: the model has no experts", Cell(files, "defaults"));
    }

    [Theory]
    [InlineData("owner/Toy-1B", "")]
    [InlineData("owner/Toy-1B-Instruct-FP8", "model by its architecture: owner--Toy-1B.json")]
    [InlineData("someone/Toy-1B", "model by its architecture: owner--Toy-1B.json")]
    [InlineData("Toy-1B", "model by its architecture: owner--Toy-1B.json")]
    public void A_model_that_is_found_otherwise_than_by_its_name_says_so(string model, string note)
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run("predict", $"{Header},precision\n{Row.Replace("owner/Toy-1B", model, StringComparison.Ordinal)},fp8\n").ExitCode);
        Assert.Equal(note, Cell(files, "defaults"));
    }

    [Theory]
    [InlineData("timed", "system Timed_SXM")]
    [InlineData("timed_sxm", "")]
    [InlineData("TIMED-SXM", "")]
    [InlineData("timed_sxm_80gb", "system Timed_SXM")]
    public void A_system_that_is_found_otherwise_than_by_its_name_says_so(string system, string note)
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run("predict", $"{Header},precision\n{Row.Replace("Timed_SXM", system, StringComparison.Ordinal)},fp8\n").ExitCode);
        Assert.Equal(note, Cell(files, "defaults"));
    }

    [Theory]
    [InlineData("h20", "H200_SXM", "unknown system h20; did you mean \"H200_SXM\"?")]
    [InlineData("b300_sxm", "B200", "unknown system b300_sxm; did you mean \"B200\"?")]
    [InlineData("l40", "L40S", "unknown system l40; did you mean \"L40S\"?")]
    [InlineData("v100", "TPU_v5e", "unknown system v100")]
    [InlineData("b300", "H100_SXM", "unknown system b300")]
    public void Another_chip_is_suggested_not_taken(string asked, string there, string reason)
    {
        using ServingFiles files = new();
        File.Delete(files.PathOf("systems", "Untimed.json"));
        File.Move(files.PathOf("systems", "Timed_SXM.json"), files.PathOf("systems", $"{there}.json"));
        Assert.Equal(3, files.Run("predict", $"{Header}\n{Row.Replace("Timed_SXM", asked, StringComparison.Ordinal)}\n").ExitCode);
        Assert.Equal(reason, Cell(files, "not_covered"));
    }

    [Theory]
    [InlineData("Qwen/Qwen2.5-32B", "Qwen--Qwen3-32B", "unknown model Qwen/Qwen2.5-32B")]
    [InlineData("deepseek-ai/DeepSeek-V2", "deepseek-ai--DeepSeek-V3", "unknown model deepseek-ai/DeepSeek-V2")]
    [InlineData("deepseek-ai/DeepSeek-V3.1", "deepseek-ai--DeepSeek-V3", "unknown model deepseek-ai/DeepSeek-V3.1")]
    [InlineData("meta-llama/Llama-3.1-405B", "meta-llama--Llama-3.1-70B", "unknown model meta-llama/Llama-3.1-405B")]
    [InlineData("Qwen/Qwen3-32", "Qwen--Qwen3-32B", "unknown model Qwen/Qwen3-32; did you mean \"Qwen--Qwen3-32B\"?")]
    [InlineData("Qwen/Qwn3-32B", "Qwen--Qwen3-32B", "unknown model Qwen/Qwn3-32B; did you mean \"Qwen--Qwen3-32B\"?")]
    public void Another_model_is_not_suggested_and_a_misspelt_one_is(string asked, string there, string reason)
    {
        using ServingFiles files = new();
        File.Move(files.PathOf("models", "owner--Toy-1B.json"), files.PathOf("models", $"{there}.json"));
        Assert.Equal(3, files.Run("predict", $"{Header}\n{Row.Replace("owner/Toy-1B", asked, StringComparison.Ordinal)}\n").ExitCode);
        Assert.Equal(reason, Cell(files, "not_covered"));
    }

    [Fact]
    public void Two_files_of_one_architecture_are_the_users_choice()
    {
        using ServingFiles files = new();
        File.Copy(files.PathOf("models", "owner--Toy-1B.json"), files.PathOf("models", "other--Toy-1B.json"));
        files.Run("predict", $"{Header}\n{Row.Replace("owner/", "third/", StringComparison.Ordinal)}\n");
        Assert.Equal(
            "model third/Toy-1B: other--Toy-1B.json and owner--Toy-1B.json both have its architecture; a CSV of name,file for --models says which it is",
            Cell(files, "not_covered"));
        files.Run("predict", $"{Header},precision\n{Row.Replace("Toy-1B", "Toy-1B-Instruct", StringComparison.Ordinal)},fp8\n");
        Assert.Equal("model by its architecture: owner--Toy-1B.json", Cell(files, "defaults"));

        File.WriteAllText(files.PathOf("names.csv"), "name,file\nthird/Toy-1B,models/other--Toy-1B.json\n");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "predict", "-t", files.PathOf("table.csv"), "-o", files.PathOf("out.csv"), "--systems", files.PathOf("systems"), "--models", files.PathOf("names.csv"));
        Assert.Equal(3, outcome.ExitCode);
        File.WriteAllText(files.PathOf("table.csv"), $"{Header},precision\n{Row.Replace("owner/", "third/", StringComparison.Ordinal)},fp8\n");
        outcome = FastSimProgram.Run(
            "predict", "-t", files.PathOf("table.csv"), "-o", files.PathOf("out.csv"), "--systems", files.PathOf("systems", "Timed_SXM.json"), "--models", files.PathOf("names.csv"), files.PathOf("models"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("", Cell(files, "defaults"));
    }

    [Theory]
    [InlineData("model,file\n", "names.csv: header: found model, file; expected name,file")]
    [InlineData("name,file\na,none.json\n", "names.csv: line 2: found no file none.json; expected a name and its file, from the working directory or the table's folder")]
    [InlineData("name,file\n,models/owner--Toy-1B.json\n", "names.csv: line 2: found no name; expected a name and its file, from the working directory or the table's folder")]
    [InlineData("name,file\na,models/owner--Toy-1B.json\nA,models/owner--Toy-1B.json\n", "names.csv: line 3: found A twice; expected each name once")]
    public void A_table_of_names_that_cannot_be_used_says_why(string text, string message)
    {
        using ServingFiles files = new();
        File.WriteAllText(files.PathOf("names.csv"), text);
        FastSimProgram.Outcome outcome = files.Run("predict", $"{Header}\n{Row}\n", "--models", files.PathOf("names.csv"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith($"{message}\n", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_are_missed_only_where_they_would_count()
    {
        using ServingFiles files = new();
        Assert.Contains(
            "table.csv: the table lacks mode, pp_size, attention_dp_size, moe_tp_size, moe_ep_size; sizes are taken as 1, and the column defaults says what else is\n",
            files.Run("predict", $"{Header},precision\n{Row},fp8\n").Error,
            StringComparison.Ordinal);
        Assert.Contains(
            ", prefill_tp_size, ", files.Run("predict", $"{Header},precision,mode,decode_batch_size\n{Row},fp8,disagg,4\n").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_is_json_is_named_as_such()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", "{\"pd-fusion\": {}}\n");
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith("table.csv: found JSON; expected a CSV of deployments\n", outcome.Error, StringComparison.Ordinal);
    }

    private static ServingFiles ExpertFiles()
    {
        ServingFiles files = new();
        File.WriteAllText(files.PathOf("models", "owner--Moe-1B.json"), Experts);
        return files;
    }

    private static string Cell(ServingFiles files, string column)
    {
        CsvTable table = files.Result();
        return table.Rows[0][table.Header.ToList().IndexOf(column)];
    }
}
