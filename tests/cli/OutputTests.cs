using System.Globalization;
using System.Text;
using System.Text.Json;
using FastSim.Tests;
using static FastSim.Cli.Tests.EditedInputs;

namespace FastSim.Cli.Tests;

/// <summary>What a run leaves behind, and what it says.</summary>
public sealed class OutputTests
{
    private const string FusionResult = "pd-fusion_result_best.csv";

    [Fact]
    public void A_job_without_a_plan_keeps_its_inputs_and_names_the_nearest_miss()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "chip.json", "\"GiB\": 1,", "\"GiB\": 0.00005,");
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json");

        Assert.Equal(3, outcome.ExitCode);

        // The smallest plan of the dense model is TP 8. Four blocks of qkv 64·(8+16), output 8·64, three times 64·32, q/k norm 16 and
        // two norms of 64, two bytes each: 4·(1536+512+6144+16+128)·2 = 66,688. One prompt works in 2·64·32·2 = 8,192 bytes; a
        // sequence's cache takes 96·4·2·8·2 = 12,288. Together 87,168 bytes = 8.118e-05 GiB.
        Assert.Contains(
            "run_0 fusion: 10 plans covered, none feasible; removed by divisibility 1, memory 9; evaluated 0 of 10 candidates\n"
                + "  nearest miss: memory: needs 8.118E-05 GiB of 5E-05\n",
            outcome.Output,
            StringComparison.Ordinal);
        CsvTable table = CsvTable.Load(folder.PathOf("out", FusionResult));
        Assert.Equal(["tiny-dense", "tiny-experts"], table.Field("model_name"));
        Assert.Equal(["tiny-chip", "tiny-chip"], table.Field("decoder_system_name"));
        Assert.Equal(["50", "50"], table.Field("decoder_time_limit(ms)"));
        foreach (string field in new[] { "decoder_throughput(token/s)", "decoder_dp", "decoder_time_per_token(s)", "kv_cache_total_mem(Gib)" })
        {
            Assert.Equal(["", ""], table.Field(field));
        }
    }

    [Fact]
    public void A_limit_that_nothing_meets_is_named_as_such()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "fusion.json", "[null, 50]", "[1e-6, null]");
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("removed by divisibility 1, latency 9", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("nearest miss: time to first token: ", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_job_with_a_plan_makes_the_run_a_success()
    {
        using TemporaryFolder folder = Inputs();

        // As computed above, the dense model needs 87,168 bytes; 0.0000812 GiB are 87,188. Experts of width 4096 need more on any
        // layout: a card of 8 holds at least 1/8 of 8 experts, 3·64·4096·2 = 1.5 MB a block.
        Edit(folder, "chip.json", "\"GiB\": 1,", "\"GiB\": 0.0000812,");
        Edit(folder, "experts.json", "\"moe_intermediate_size\": 32", "\"moe_intermediate_size\": 4096");
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json");
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = CsvTable.Load(folder.PathOf("out", FusionResult));
        Assert.Equal(["8", ""], table.Field("decoder_tp"));
        Assert.Equal(["1", ""], table.Field("decoder_microbatchsize"));
    }

    [Fact]
    public void A_split_writes_three_tables_and_a_fusion_one()
    {
        using TemporaryFolder folder = Inputs();
        Run(folder, "split.json");
        Run(folder, "fusion.json");
        Assert.Equal(
            [
                FusionResult, "pd-split-request-optimal_decoder_best.csv", "pd-split-request-optimal_prefill_best.csv",
                "pd-split-request-optimal_result_best.csv",
            ],
            Directory.EnumerateFiles(folder.PathOf("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_gzipped_table_is_the_same_table_and_takes_the_place_of_the_plain_one()
    {
        using TemporaryFolder folder = Inputs();
        Run(folder, "fusion.json");
        CsvTable plain = CsvTable.Load(folder.PathOf("out", FusionResult));
        Run(folder, "fusion.json", "--gzip");
        CsvTable packed = CsvTable.Load(folder.PathOf("out", FusionResult + ".gz"));
        Assert.Equal(plain.Rows, packed.Rows);
        Assert.False(File.Exists(folder.PathOf("out", FusionResult)));
    }

    [Fact]
    public void A_plan_that_the_network_does_not_reach_across_is_counted_not_costed()
    {
        using TemporaryFolder folder = Inputs();

        // The one tier left holds 8 cards: on 16, MoE-TP 16 and, with 8 redundant experts, EP 16 exchange beyond it.
        string chip = File.ReadAllText(folder.PathOf("chip.json"));
        int outer = chip.IndexOf("    {\n      \"bandwidth\": 5,", StringComparison.Ordinal);
        folder.Write("chip.json", chip[..chip.LastIndexOf(',', outer)] + "]}");
        Edit(folder, "fusion.json", "\"num_procs_list\": [8]", "\"num_procs_list\": [16]");
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("run_1 fusion: 2,025 plans covered, ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("network reach ", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_names_are_cut_in_file_names_and_whole_in_tables()
    {
        using TemporaryFolder folder = Inputs();
        string name = new('n', 400);
        Edit(folder, "dense.json", "tiny-dense", name);
        Edit(folder, "chip.json", "tiny-chip", name);
        Assert.Equal(0, Run(folder, "fusion.json").ExitCode);
        Assert.Equal(name, CsvTable.Load(folder.PathOf("out", FusionResult)).Field("model_name")[0]);
    }

    [Fact]
    public void Two_modes_with_one_folder_keep_each_others_operators()
    {
        using TemporaryFolder folder = Inputs();
        string fusion = File.ReadAllText(folder.PathOf("fusion.json")).Trim();
        string split = File.ReadAllText(folder.PathOf("split.json")).Trim();
        folder.Write("both.json", fusion[..^1] + "," + split[1..]);
        Edit(folder, "both.json", "\"batch_config\": null", "\"batch_config\": [[4, 1, 4]]");
        Edit(folder, "both.json", "\"d_micro_batch_size\": null", "\"d_micro_batch_size\": [[4, 1, 4]]");
        Assert.Equal(0, Run(folder, "both.json").ExitCode);
        string[] details = Directory.EnumerateFiles(folder.PathOf("out", "op_details"), "decoder_tiny-chip_tiny-dense_*_mbs4*").ToArray();
        Assert.Equal(2, details.Length);
        Assert.Single(details, file => File.ReadAllText(file).Contains("float8", StringComparison.Ordinal));
    }

    [Fact]
    public void The_files_are_the_same_bytes_whatever_the_thread_count()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "split.json", "[[4, 8]]", "null");
        Edit(folder, "split.json", "[[2, 1, 2]]", "null");
        Edit(folder, "split.json", "[[4, 1, 1]]", "null");
        Dictionary<string, string>[] runs = new[] { "1", "2", "7" }.Select(threads =>
        {
            string output = folder.PathOf("threads" + threads);
            Assert.Equal(0, FastSimProgram.Run("run", "-c", folder.PathOf("split.json"), "-o", output, "-q", "--threads", threads).ExitCode);
            return Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(output, file), File.ReadAllText);
        }).ToArray();
        Assert.True(runs[0].Count >= 5);
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(runs[0], runs[2]);
    }

    [Fact]
    public void Names_with_commas_quotes_line_ends_and_slashes_survive()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "dense.json", "\"tiny-dense\"", "\"a,\\\"b\\\"\\n../c\"");
        Assert.Equal(0, Run(folder, "fusion.json").ExitCode);
        Assert.Equal("a,\"b\"\n../c", CsvTable.Load(folder.PathOf("out", FusionResult)).Field("model_name")[0]);
        Assert.Contains(
            Directory.EnumerateFiles(folder.PathOf("out", "op_details")),
            file => Path.GetFileName(file).StartsWith("decoder_tiny-chip_a__b__.._c_seq64_tp1_pp1_ep1_moetp1_mbs", StringComparison.Ordinal));
    }

    [Fact]
    public void The_operators_of_a_winner_add_up_to_its_stage()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "fusion.json", "\"parallel_config\": null", "\"parallel_config\": [[2, 2, 2]]");
        Run(folder, "fusion.json");
        CsvTable result = CsvTable.Load(folder.PathOf("out", FusionResult));
        string details = Directory.EnumerateFiles(folder.PathOf("out", "op_details"), "decoder_tiny-chip_tiny-dense_*").Single();
        CsvTable operators = CsvTable.Load(details);
        Assert.Equal(
            ["block", "name", "engine", "class", "dtype", "flops", "bytes", "flops_time", "mem_time", "static_latency", "process_time", "bound", "repeats"],
            operators.Header);

        // Two of the four blocks are on a stage.
        Assert.All(operators.Rows, row => Assert.Equal(row[0] == "pipeline" ? "1" : "2", row[12]));
        double attention = 2 * Sum(operators, row => row[0] == "attention" && row[2] != "network", 10);
        double feedForward = 2 * Sum(operators, row => row[0] == "mlp" && row[2] != "network", 10);
        Assert.Equal(result.Number("decoder_instance_attn_process_time(s)", 0), attention, 1e-12 * attention);
        Assert.Equal(result.Number("decoder_instance_mlp_process_time(s)", 0), feedForward, 1e-12 * feedForward);
        Assert.Equal(result.Number("decoder_instance_attn_flops", 0), 2 * Sum(operators, row => row[0] == "attention", 5), 1.0);
        Assert.Contains(operators.Rows, row => row is ["pipeline", "pp_send", "network", "comm", "", ..] && row[11] == "communication");
    }

    /// <summary>
    /// A pass is a stage and its send; a token waits for as many as there are stages, whether exchanges show, hide half, or take compute while they
    /// hide (the inner tier uses 0.05 of the units).
    /// </summary>
    [Theory]
    [InlineData("0", "dense.json", false)]
    [InlineData("0.5", "dense.json", true)]
    [InlineData("1", "experts.json", true)]
    public void Rows_times_repeats_are_the_pass(string overlap, string model, bool isHidden)
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "chip.json", "\"type\": \"gpu\",", $"\"type\": \"gpu\", \"comm_overlap\": {overlap},");
        Edit(folder, "split.json", "[\"dense.json\", \"experts.json\"]", $"[\"{model}\"]");
        Edit(folder, "split.json", "\"d_parallel_config\": null", "\"d_parallel_config\": [[2, 2, 2]]");
        Assert.Equal(0, Run(folder, "split.json").ExitCode);
        double perToken = CsvTable.Load(folder.PathOf("out", "pd-split-request-optimal_result_best.csv")).Number("decoder_time_per_token(s)", 0);
        CsvTable operators = CsvTable.Load(Directory.EnumerateFiles(folder.PathOf("out", "op_details"), "decoder_*").Single());
        double pass = operators.Rows.Sum(row => double.Parse(row[10], CultureInfo.InvariantCulture) * double.Parse(row[12], CultureInfo.InvariantCulture));
        Assert.Equal(perToken, 2 * pass, 1e-12 * perToken);
        Assert.Equal(isHidden, operators.Rows.Any(row => row[1] == "hidden_exchanges"));
    }

    [Fact]
    public void Operators_of_an_earlier_run_go_and_nothing_else_does()
    {
        using TemporaryFolder folder = Inputs();
        Run(folder, "fusion.json");
        string[] first = Details();
        string mine = folder.PathOf("out", "op_details", "decoder_notes_seq1_tp1_pp1_ep1_moetp1_mbs1.csv");
        string renamed = folder.PathOf("out", "op_details", "kept_" + Path.GetFileName(first[0]));
        File.WriteAllText(mine, "my,own,notes\n");
        File.Copy(first[0], renamed);
        Edit(folder, "fusion.json", "\"batch_config\": null", "\"batch_config\": [[4, 1, 4]]");
        Run(folder, "fusion.json");
        Assert.Empty(Details().Intersect(first.Where(file => Path.GetFileName(file).StartsWith("decoder_", StringComparison.Ordinal))));
        Assert.Equal(first.Length + 2, Details().Length);
        Assert.True(File.Exists(mine) && File.Exists(renamed));
        Assert.Equal(0, Run(folder, "fusion.json").ExitCode);

        // Whose operators are whose cannot be told where another mode's tables stand beside: all stay.
        string[] fusion = Details();
        Run(folder, "split.json");
        Assert.Empty(fusion.Except(Details()));

        string[] Details() => [.. Directory.EnumerateFiles(folder.PathOf("out", "op_details")).Order(StringComparer.Ordinal)];
    }

    /// <summary>Of both models, 2 ranks of 2·2 cards with 4 sequences in each of 2 micro-batches: 16 in flight over 8 cards, 2 a card.</summary>
    [Fact]
    public void A_batch_is_shown_alike_for_dense_and_expert_models()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "fusion.json", "\"parallel_config\": null", "\"parallel_config\": [[2, 2, 2]]");
        Edit(folder, "fusion.json", "\"batch_config\": null", "\"batch_config\": [[8, 2, 4]]");
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json");
        Assert.Equal(2, outcome.Output.Split("b2/card, 16 in flight").Length - 1);
        using JsonDocument summary = JsonDocument.Parse(Run(folder, "fusion.json", "--json").Output);
        foreach (JsonElement job in summary.RootElement.GetProperty("modes")[0].GetProperty("jobs").EnumerateArray())
        {
            JsonElement decode = job.GetProperty("decode");
            Assert.Equal((2, 16), (decode.GetProperty("sequencesPerCard").GetDouble(), decode.GetProperty("sequencesInFlight").GetDouble()));
        }
    }

    [Fact]
    public void Jobs_that_share_a_detail_name_keep_their_own_operators()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "fusion.json", "[\"dense.json\", \"experts.json\"]", "[\"dense.json\"]");
        Edit(folder, "fusion.json", "[[64, 32]]", "[[64, 32], [64, 48]]");
        Edit(folder, "fusion.json", "\"batch_config\": null", "\"batch_config\": [[4, 1, 4]]");
        Run(folder, "fusion.json");
        string[] details = Directory.EnumerateFiles(folder.PathOf("out", "op_details"), "decoder_*").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(2, details.Length);
        Assert.EndsWith("_mbs4.csv", details[0], StringComparison.Ordinal);
        Assert.EndsWith("_mbs4_run1.csv", details[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_summary_counts_every_plan_once()
    {
        using TemporaryFolder folder = Inputs();
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json", "--json");
        using JsonDocument summary = JsonDocument.Parse(outcome.Output);
        foreach (JsonElement job in summary.RootElement.GetProperty("modes")[0].GetProperty("jobs").EnumerateArray())
        {
            JsonElement plans = job.GetProperty("decodePlans");
            long Count(string name) => plans.GetProperty(name).GetInt64();
            Assert.Equal(
                Count("covered"),
                Count("bestOf") + Count("removedByDivisibility") + Count("removedByNetworkReach") + Count("removedByMemory") + Count("removedByLatency")
                    + Count("prunedByBound"));
            Assert.True(Count("covered") > 0);
        }
    }

    [Fact]
    public void Quiet_prints_nothing_and_writes_everything()
    {
        using TemporaryFolder folder = Inputs();
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json", "--quiet");
        Assert.Equal(("", ""), (outcome.Output, outcome.Error));
        Assert.True(File.Exists(folder.PathOf("out", FusionResult)));
    }

    [Fact]
    public void A_table_whose_place_is_taken_by_a_folder_is_an_error_and_leaves_no_part()
    {
        using TemporaryFolder folder = Inputs();
        Directory.CreateDirectory(folder.PathOf("out", FusionResult));
        FastSimProgram.Outcome outcome = Run(folder, "fusion.json");
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: {folder.PathOf("out", FusionResult)}: cannot be written: ", outcome.Error.Split('\n')[^2], StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_file_is_utf8_without_a_mark_and_with_plain_line_ends()
    {
        using TemporaryFolder folder = Inputs();
        Run(folder, "split.json");
        foreach (string file in Directory.EnumerateFiles(folder.PathOf("out"), "*.csv", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(file);
            Assert.DoesNotContain((byte)'\r', bytes);
            Assert.NotEqual(0xEF, bytes[0]);
            Assert.Equal((byte)'\n', bytes[^1]);
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
    }

    private static double Sum(CsvTable table, Func<string[], bool> which, int column) =>
        table.Rows.Where(which).Sum(row => double.Parse(row[column], CultureInfo.InvariantCulture));
}
