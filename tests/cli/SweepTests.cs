using System.Globalization;
using System.Text.Json.Nodes;
using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;
using FastSim.Tests;
using Parquet;
using Parquet.Schema;

namespace FastSim.Cli.Tests;

/// <summary>What <c>fastsim sweep</c> computes and writes.</summary>
public sealed class SweepTests
{
    private const string Memory = """{"name": "gib", "path": "system.mem1.GiB", "values": [36, 72, 144]}""";
    private const string Bandwidth = """{"name": "gbps", "path": "system.mem1.GBps", "log2": [2000, 8000]}""";

    /// <summary>Columns of a sweep's row and the fields of a run's table that say the same.</summary>
    private static readonly (string Column, string Field)[] Same =
    [
        ("decoder_tokens_per_second", "decoder_throughput(token/s)"),
        ("decoder_memory_gib", "decoder_tier1_mem(Gib)"),
        ("decoder_microbatch", "decoder_microbatchsize"),
        ("tokens_per_second_per_card", "decoder_throughput_per_npu(token/s)"),
        ("decoder_dp", "decoder_dp"),
        ("decoder_pp", "decoder_pp"),
        ("decoder_tp", "decoder_tp"),
        ("decoder_ep", "decoder_ep"),
        ("decoder_moe_tp", "decoder_moe_tp"),
        ("decoder_moe_dp", "decoder_moe_dp"),
        ("decoder_redundant_experts", "decoder_moe_redundant_expert_num"),
    ];

    [Fact]
    public void Random_variants_equal_runs_of_their_own_to_the_bit()
    {
        using SweepFiles files = new();
        Random random = new(20261125);
        int count = TestLength.Of(200, 50);
        string[] header =
            ["system.mem1.GiB", "system.mem1.GBps", "system.matrix.float8.tflops", "decode.system.networks[0].bandwidth",
             "runtime.time_limit_list[0][1]", "system.comm_overlap"];
        double[][] variants =
        [
            .. Enumerable.Range(0, count).Select(_ => new[]
            {
                Math.Round(24 + (200 * random.NextDouble()), 3),
                Math.Round(500 + (9000 * random.NextDouble()), 3),
                Math.Round(300 + (8000 * random.NextDouble()), 3),
                Math.Round(20 + (900 * random.NextDouble()), 3),
                (random.Next(6) + 1) * 12.5,
                random.Next(2),
            }),
        ];
        string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
        files.Write("variants.csv", string.Join(',', header) + "\n" + string.Concat(variants.Select(row => string.Join(',', row.Select(Text)) + "\n")));

        Assert.Equal(0, files.Sweep("""{"table": "variants.csv"}""").ExitCode);
        CsvTable found = files.Result();

        JsonNode runtime = JsonNode.Parse(File.ReadAllText(files.PathOf("decode.json")))!;
        JsonNode system = JsonNode.Parse(File.ReadAllText(files.PathOf("systems", "SOW-U1-POR.json")))!;
        int feasible = 0;
        for (int variant = 0; variant < variants.Length; variant++)
        {
            system["mem1"]!["GiB"] = variants[variant][0];
            system["mem1"]!["GBps"] = variants[variant][1];
            system["matrix"]!["float8"]!["tflops"] = variants[variant][2];
            system["networks"]![0]!["bandwidth"] = variants[variant][3];
            system["comm_overlap"] = variants[variant][5];
            runtime["pd-split-request-optimal"]!["time_limit_list"]![0]![1] = variants[variant][4];
            runtime["pd-split-request-optimal"]!["sys_list"] = new JsonArray(new JsonArray("systems/own.json", "systems/own.json"));
            files.Write(Path.Combine("systems", "own.json"), system.ToJsonString());
            string own = files.Write("own.json", runtime.ToJsonString());
            FastSimProgram.Outcome alone = FastSimProgram.Run("run", "-q", "-c", own, "-o", files.PathOf("alone"));
            CsvTable table = CsvTable.Load(files.PathOf("alone", "pd-split-request-optimal_decoder_best.csv"));
            feasible += alone.ExitCode == 0 ? 1 : 0;
            foreach ((string column, string field) in Same)
            {
                Assert.Equal(table.Field(field)[0], Cell(found, variant, column));
            }
        }

        Assert.InRange(feasible, count / 5, count - 1);
    }

    /// <summary>Memory from 24 to 96 GiB, so that now one phase binds and now the other: each variant as its run has it, and shards merge to the whole.</summary>
    [Fact]
    public void Balanced_splits_sweep_and_merge_as_they_run()
    {
        using SweepFiles files = new();
        const string Axis = """{"path": "decode.system.mem1.GiB", "values": [24, 36, 48, 96]}""";
        CsvTable Sweep(string choice)
        {
            files.Write(
                "decode.json",
                SweepFiles.Runtime("null", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\"", $", \"split_choice\": \"{choice}\""));
            Assert.Equal(0, files.Sweep(Axis, "", "--restart").ExitCode);
            return files.Result();
        }

        CsvTable most = Sweep("throughput");
        CsvTable found = Sweep("balanced");
        string whole = File.ReadAllText(files.PathOf("out", "sweep_result.csv"));
        bool[] differs = new bool[2];
        for (int variant = 0; variant < found.Rows.Count; variant++)
        {
            JsonNode system = JsonNode.Parse(File.ReadAllText(files.PathOf("systems", "SOW-U1-POR.json")))!;
            system["mem1"]!["GiB"] = double.Parse(Cell(found, variant, "decode.system.mem1.GiB"), CultureInfo.InvariantCulture);
            files.Write(Path.Combine("systems", "own.json"), system.ToJsonString());
            string own = files.Write(
                "own.json", SweepFiles.Runtime("null", "\"systems/SOW-U1-POR.json\", \"systems/own.json\"", ", \"split_choice\": \"balanced\""));
            Assert.Equal(0, FastSimProgram.Run("run", "-q", "-c", own, "-o", files.PathOf("alone")).ExitCode);
            CsvTable table = CsvTable.Load(files.PathOf("alone", "pd-split-request-optimal_result_best.csv"));
            foreach (string phase in new[] { "prefill", "decoder" })
            {
                foreach (string field in new[] { "dp", "pp", "tp", "ep" })
                {
                    Assert.Equal(table.Field($"{phase}_{field}")[0], Cell(found, variant, $"{phase}_{field}"));
                }

                Assert.Equal(table.Field($"{phase}_throughput(token/s)")[0], Cell(found, variant, $"{phase}_tokens_per_second"));
            }

            // By throughput: the same rate, and in some variant a phase that waits longer.
            Assert.Equal(Cell(found, variant, "requests_per_second"), Cell(most, variant, "requests_per_second"));
            differs[0] |= Cell(found, variant, "ttft_ms") != Cell(most, variant, "ttft_ms");
            differs[1] |= Cell(found, variant, "tpot_ms") != Cell(most, variant, "tpot_ms");
        }

        Assert.Contains(true, differs);
        string sweep = files.PathOf("sweep.json");
        foreach (string shard in new[] { "1/2", "2/2" })
        {
            Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("parts"), "--shard", shard).ExitCode);
        }

        Assert.Equal(0, FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("parts")).ExitCode);
        Assert.Equal(whole, File.ReadAllText(files.PathOf("parts", "sweep_result.csv")));
    }

    /// <summary>A token of the tiny models takes some hundredths of a millisecond: the reason shows its digits, not 0.0, and tells it from the limit.</summary>
    [Fact]
    public void Reasons_show_small_latencies_with_their_digits()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        string sweep = folder.Write(
            "sweep.json",
            $$"""
            {"runtime": "fusion.json", "output": "{{folder.PathOf("out")}}",
             "axes": [{"path": "runtime.time_limit_list[0][1]", "values": [1e-7, 0.002]}] }
            """);
        FastSimProgram.Run("sweep", "-q", "-c", sweep);
        CsvTable found = CsvTable.Load(folder.PathOf("out", "sweep_result.csv"));
        string[] reasons = [.. Enumerable.Range(0, found.Rows.Count).Select(row => Cell(found, row, "reason"))];
        Assert.Equal(4, reasons.Length);
        Assert.All(reasons[..2], reason => Assert.Matches("^latency: TPOT 0\\.0[0-9]*[1-9][0-9]* ms of 1E-07 at the smallest batch$", reason));
        Assert.All(reasons[2..], reason => Assert.Matches("^latency: TPOT 0\\.0[0-9]*[1-9][0-9]* ms of 0\\.002 at the smallest batch$", reason));
    }

    [Fact]
    public void The_product_of_axes_has_the_first_outermost()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep($"{Memory}, {Bandwidth}").ExitCode);
        CsvTable table = files.Result();
        Assert.Equal(9, table.Rows.Count);
        Assert.Equal(["36", "36", "36", "72", "72", "72", "144", "144", "144"], Column(table, "gib"));
        Assert.Equal(["2000", "4000", "8000", "2000", "4000", "8000", "2000", "4000", "8000"], Column(table, "gbps"));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8"], Column(table, "variant"));
    }

    [Fact]
    public void Zipped_axes_move_together()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep($"{Memory}, {Bandwidth}", """, "combine": "zip" """).ExitCode);
        CsvTable table = files.Result();
        Assert.Equal(["36", "72", "144"], Column(table, "gib"));
        Assert.Equal(["2000", "4000", "8000"], Column(table, "gbps"));
    }

    [Theory]
    [InlineData("\"range\": [10, 11, 0.25]", "10 10.25 10.5 10.75 11")]
    [InlineData("\"range\": [0.1, 0.3, 0.1]", "0.1 0.2 0.30000000000000004")]
    [InlineData("\"range\": [30, 10, -10]", "30 20 10")]
    [InlineData("\"log2\": [3, 25]", "3 6 12 24")]
    [InlineData("\"geometric\": [10, 1000, 3]", "10 100 1000")]
    [InlineData("\"values\": [5, 4]", "5 4")]
    public void An_axis_has_the_values_its_form_says(string form, string expected)
    {
        using SweepFiles files = new();
        files.Sweep($$"""{"path": "system.mem1.GiB", {{form}}}""");
        Assert.Equal(expected.Split(' '), Column(files.Result(), "system.mem1.GiB"));
    }

    [Fact]
    public void A_link_drives_several_places_by_a_factor()
    {
        using SweepFiles files = new();
        Assert.Equal(
            0,
            files.Sweep("""{"name": "gbps", "link": [{"path": "system.mem1.GBps"}, {"path": "system.matrix.float8.tflops", "factor": 0.5}], "values": [2000, 4000]}""").ExitCode);
        string[] linked = Column(files.Result(), "tokens_per_second");
        files.Write("both.csv", "system.mem1.GBps,system.matrix.float8.tflops\n2000,1000\n4000,2000\n");
        Assert.Equal(0, files.Sweep("""{"table": "both.csv"}""").ExitCode);
        Assert.Equal(linked, Column(files.Result(), "tokens_per_second"));
    }

    [Fact]
    public void A_pair_of_limits_moves_together_and_null_is_no_limit()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep("""{"path": "runtime.time_limit_list[0]", "pair": [[null, 30], [null, 50], [1000, null]]}""").ExitCode);
        CsvTable table = files.Result();
        Assert.Equal(["30", "50", ""], Column(table, "tpot_limit_ms"));
        Assert.Equal(["", "", "1000"], Column(table, "ttft_limit_ms"));
        double[] tokens = [.. Column(table, "tokens_per_second").Select(Number)];
        Assert.True(tokens[0] < tokens[1] && tokens[1] <= tokens[2]);
        Assert.Equal("latency limit", Column(table, "batch_bound")[0]);
        Assert.Equal("capacity", Column(table, "batch_bound")[2]);
    }

    [Fact]
    public void Groups_and_lanes_may_interleave()
    {
        using SweepFiles files = new();
        const string Cards = """{"name": "cards", "path": "runtime.num_procs_list[0]", "values": [36, 40]}""";
        Assert.Equal(0, files.Sweep($"{Memory}, {Cards}").ExitCode);
        string[] outside = Column(files.Result(), "tokens_per_second");
        Assert.Equal(0, files.Sweep($"{Cards}, {Memory}").ExitCode);
        string[] inside = Column(files.Result(), "tokens_per_second");
        Assert.Equal([inside[0], inside[3], inside[1], inside[4], inside[2], inside[5]], outside);
    }

    [Fact]
    public void Each_side_of_a_split_varies_on_its_own()
    {
        using SweepFiles files = new();
        files.Write("decode.json", SweepFiles.Runtime("[[18, 18]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\""));
        Assert.Equal(
            0,
            files.Sweep(
                """
                {"name": "prefill_tflops", "path": "prefill.system.matrix.float4.tflops", "values": [1000, 6000]},
                {"name": "decode_gbps", "path": "decode.system.mem1.GBps", "values": [6683, 8000]}
                """).ExitCode);
        CsvTable table = files.Result();
        string[] prefill = Column(table, "prefill_tokens_per_second");
        string[] decode = Column(table, "decoder_tokens_per_second");
        Assert.Equal([prefill[0], prefill[0], prefill[2], prefill[2]], prefill);
        Assert.Equal([decode[0], decode[1], decode[0], decode[1]], decode);
        Assert.NotEqual(prefill[0], prefill[2]);
        Assert.NotEqual(decode[0], decode[1]);
        for (int row = 0; row < 4; row++)
        {
            double requests = Math.Min(Number(prefill[row]) / 4096, Number(decode[row]) / 1024);
            Assert.Equal(requests, Number(Column(table, "requests_per_second")[row]));
        }
    }

    [Fact]
    public void Cost_score_and_filter_are_expressions_over_the_row()
    {
        using SweepFiles files = new();
        Assert.Equal(
            0,
            files.Sweep(
                $"{Memory}, {Bandwidth}",
                """, "filter": "gib * gbps < 500000", "cost": "gib / 10 + gbps / 1000", "score": "tokens_per_second_per_card / cost", "best": 2""").ExitCode);
        CsvTable table = files.Result();
        string[] expected = ["36", "36", "36", "72", "72", "144"];
        Assert.Equal(expected, Column(table, "gib"));
        for (int row = 0; row < table.Rows.Count; row++)
        {
            double cost = (Number(Column(table, "gib")[row]) / 10) + (Number(Column(table, "gbps")[row]) / 1000);
            Assert.Equal(cost, Number(Column(table, "cost")[row]));
            string score = Column(table, "score")[row];
            Assert.Equal(Column(table, "reason")[row].Length > 0, score.Length == 0);
            if (score.Length > 0)
            {
                Assert.Equal(Number(Column(table, "tokens_per_second_per_card")[row]) / cost, Number(score));
            }
        }

        string[] ranked = [.. Enumerable.Range(0, table.Rows.Count)
            .Where(row => Column(table, "score")[row].Length > 0)
            .OrderByDescending(row => Number(Column(table, "score")[row]))
            .Select(row => Column(table, "variant")[row])];
        Assert.Equal(ranked[..2], files.Result("best.csv").Field("sweep_variant"));
    }

    [Fact]
    public void The_front_holds_what_nothing_beats()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep($"{Memory}, {Bandwidth}", """, "cost": "gib + gbps / 100" """).ExitCode);
        CsvTable table = files.Result();
        (string Variant, double PerCard, double Cost)[] rows =
        [
            .. Enumerable.Range(0, table.Rows.Count)
                .Where(row => Column(table, "tokens_per_second_per_card")[row].Length > 0)
                .Select(row => (
                    Column(table, "variant")[row], Number(Column(table, "tokens_per_second_per_card")[row]), Number(Column(table, "cost")[row]))),
        ];
        string[] front =
        [
            .. rows.Where(row => !rows.Any(other => other.PerCard >= row.PerCard && other.Cost <= row.Cost && (other.PerCard > row.PerCard || other.Cost < row.Cost)))
                .OrderByDescending(row => row.PerCard)
                .Select(row => row.Variant),
        ];
        Assert.InRange(front.Length, 2, rows.Length);
        Assert.Equal(front, Column(files.Result("pareto.csv"), "variant"));
    }

    [Fact]
    public void Elasticities_come_from_the_neighbours()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep("""{"name": "gbps", "path": "system.mem1.GBps", "values": [3000, 4000, 6000]}""").ExitCode);
        double[] tokens = [.. Column(files.Result(), "tokens_per_second_per_card").Select(Number)];
        double[] found = [.. Column(files.Result("sensitivity.csv"), "elasticity_gbps").Select(Number)];

        // One-sided at the ends, between both neighbours in the middle: d log y / d log x.
        Assert.Equal(Math.Log(tokens[1] / tokens[0]) / Math.Log(4000d / 3000), found[0]);
        Assert.Equal(Math.Log(tokens[2] / tokens[0]) / Math.Log(6000d / 3000), found[1]);
        Assert.Equal(Math.Log(tokens[2] / tokens[1]) / Math.Log(6000d / 4000), found[2]);
    }

    /// <summary>Few digits, but as many as say that the one is beyond the other.</summary>
    [Theory]
    [InlineData(90.26, 80, "memory: needs 90.3 GiB of 80")]
    [InlineData(80.04, 80.02, "memory: needs 80.04 GiB of 80.02")]
    [InlineData(79.604166793823, 79.6, "memory: needs 79.604 GiB of 79.6")]
    [InlineData(0.50004, 0.5, "memory: needs 0.50004 GiB of 0.5")]
    public void What_is_missing_is_told_in_few_digits(double needed, double limit, string reason)
    {
        const double Gibibyte = 1024d * 1024 * 1024;
        Assert.Equal(reason, SweepWords.Of(new VariantResult(default, default, new VariantMiss(MissKind.Memory, needed * Gibibyte, limit * Gibibyte), false)));
    }

    [Fact]
    public void A_variant_without_a_plan_says_why()
    {
        using SweepFiles files = new();
        files.Sweep("""{"path": "system.mem1.GiB", "values": [4, 144]}""");
        CsvTable table = files.Result();
        Assert.Matches("^memory: needs [0-9.]+ GiB of 4$", Column(table, "reason")[0]);
        Assert.Equal("", Column(table, "reason")[1]);
        files.Sweep("""{"path": "runtime.time_limit_list[0][1]", "values": [0.001]}""");
        Assert.Matches("^latency: TPOT [0-9.]+ ms of 0.001 at the smallest batch$", Column(files.Result(), "reason")[0]);
    }

    [Fact]
    public void No_plan_at_all_is_exit_code_3()
    {
        using SweepFiles files = new();
        Assert.Equal(3, files.Sweep("""{"path": "system.mem1.GiB", "values": [1, 2]}""").ExitCode);
        Assert.Equal(2, files.Result().Rows.Count);
    }

    [Fact]
    public async Task Parquet_holds_what_the_csv_holds()
    {
        using SweepFiles files = new();
        files.Sweep($"{Memory}, {Bandwidth}");
        CsvTable table = files.Result();
        files.Sweep($"{Memory}, {Bandwidth}", """, "result": "sweep_result.parquet" """);
        Assert.False(File.Exists(files.PathOf("out", "sweep_result.partial")));
        await using ParquetReader reader = await ParquetReader.CreateAsync(files.PathOf("out", "sweep_result.parquet"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(table.Header, reader.Schema.GetDataFields().Select(field => field.Name));
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        foreach (string column in new[] { "gib", "tokens_per_second", "tpot_ms" })
        {
            double?[] values = new double?[table.Rows.Count];
            DataField field = reader.Schema.GetDataFields().Single(field => field.Name == column);
            await group.ReadAsync<double>(field, values.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Column(table, column).Select(cell => cell.Length == 0 ? (double?)null : Number(cell)), values);
        }

        foreach (string column in new[] { "model", "bound", "reason" })
        {
            string?[] texts = new string?[table.Rows.Count];
            DataField field = reader.Schema.GetDataFields().Single(field => field.Name == column);
            await group.ReadAsync(field, texts.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Column(table, column), texts);
        }
    }

    [Fact]
    public void A_gzipped_result_is_the_same_table()
    {
        using SweepFiles files = new();
        files.Sweep(Memory);
        CsvTable plain = files.Result();
        files.Sweep(Memory, """, "result": "sweep_result.csv.gz" """);
        Assert.Equal(plain.Rows, files.Result("sweep_result.csv.gz").Rows);
    }

    [Fact]
    public void The_report_stands_alone_and_explains_each_cell()
    {
        using SweepFiles files = new();
        files.Sweep($"{Memory}, {Bandwidth}", """, "cost": "gib" """, "--plots");
        string report = File.ReadAllText(files.PathOf("out", "report.html"));
        Assert.DoesNotContain("http://", report.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("https://", report, StringComparison.Ordinal);
        Assert.Contains("tokens/s/card", report, StringComparison.Ordinal);
        Assert.Contains("MoE-TP", report, StringComparison.Ordinal);
        foreach (string plot in new[] { "throughput", "bounds", "pareto" })
        {
            Assert.Contains(File.ReadAllText(files.PathOf("out", "plots", $"{plot}.svg")).Trim(), report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Threads_change_no_byte()
    {
        using SweepFiles files = new();
        const string Axes = $$"""{{Memory}}, {{Bandwidth}}, {"name": "fp8", "path": "system.matrix.float8.tflops", "geometric": [500, 8000, 700]}""";
        Assert.Equal(0, files.Sweep(Axes, "", "--threads", "1").ExitCode);
        Dictionary<string, byte[]> one = Bytes(files);
        Assert.Equal(0, files.Sweep(Axes, "", "--threads", "3").ExitCode);
        Dictionary<string, byte[]> three = Bytes(files);
        Assert.Equal(one.Keys.Order(), three.Keys.Order());
        Assert.All(one, pair => Assert.True(pair.Value.AsSpan().SequenceEqual(three[pair.Key]), pair.Key));
    }

    private static Dictionary<string, byte[]> Bytes(SweepFiles files) =>
        Directory.EnumerateFiles(files.PathOf("out")).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

    private static string[] Column(CsvTable table, string name)
    {
        int column = table.Header.ToList().IndexOf(name);
        return [.. table.Rows.Select(row => row[column])];
    }

    private static string Cell(CsvTable table, int row, string column) => table.Rows[row][table.Header.ToList().IndexOf(column)];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
