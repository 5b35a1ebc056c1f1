using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>fastsim calibrate</c> on measurements that known parameters made, and on files that it cannot use.</summary>
public sealed class CalibrateTests : IDisposable
{
    private const double Noise = 0.04;

    /// <summary>The rates of the system below.</summary>
    private static readonly TimingChip Chip = new(100, 2000e9, 300e9);
    private const double Peak = 500e12;

    private static readonly double[] Gemm = [4, 0.8, 0.7, 6, 3, 2, 0.5, 1];
    private static readonly double[] Scale = [2, 0.8, 30, 1.5];
    private static readonly double[] AllReduce = [3, 0.2, 0.05, 6, 0.5, 0.3, 25, 1, 0.75];

    /// <summary>Files that are recognised.</summary>
    private const string Known =
        "computescale_perf.parquet, context_attention_perf.parquet, context_mla_perf.parquet, custom_allreduce_perf.parquet, dsa_context_module_perf.parquet, dsa_generation_module_perf.parquet, encoder_attention_perf.parquet, " +
        "gdn_perf.parquet, gemm_perf.parquet, generation_attention_perf.parquet, generation_mla_perf.parquet, glm5_mqa_logits_module_perf.parquet, glm5_topk_module_perf.parquet, kda_perf.parquet, mamba2_perf.parquet, " +
        "mla_bmm_perf.parquet, mla_context_module_perf.parquet, mla_generation_module_perf.parquet, moe_perf.parquet, nccl_perf.parquet, scale_matrix_perf.parquet, wideep_deepep_ll_perf.parquet, wideep_deepep_normal_perf.parquet";

    private readonly TemporaryFolder folder = new();

    public CalibrateTests()
    {
        JsonNode system = JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json")))!;
        system.AsObject().Remove("operators");
        system["matrix"]!["bfloat16"]!["tflops"] = 500;
        system["mem1"]!["GBps"] = 2000;
        system["networks"]![0]!["bandwidth"] = 300;
        folder.Write("chip.json", system.ToJsonString());
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Known_parameters_are_recovered_to_the_noise()
    {
        Directory.CreateDirectory(folder.PathOf("ops"));
        WriteProducts(folder.PathOf("ops", "gemm_perf.parquet"));
        WriteAllReduces(folder.PathOf("ops", "custom_allreduce_perf.parquet"));
        FastSimProgram.Outcome outcome = Calibrate("ops", "--compute-units", "100", "--json");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement[] kinds = [.. json.RootElement.GetProperty("kinds").EnumerateArray()];
        Assert.Equal(["gemm bfloat16", "collectives custom_all_reduce"], kinds.Select(kind => $"{kind.GetProperty("family")} {kind.GetProperty("kind")}"));
        Assert.All(kinds, kind =>
        {
            Assert.InRange(Error(kind, "all"), 0, Noise);
            Assert.InRange(Error(kind, "heldOut"), 0, Noise);
            Assert.True(Error(kind, "flat") > 5 * Error(kind, "all"));
        });

        // And against what the parameters made, without the noise.
        JsonNode fitted = JsonNode.Parse(File.ReadAllText(folder.PathOf("out.json")))!["operators"]!;
        Assert.Equal(
            json.RootElement.GetProperty("families").EnumerateArray().Take(2).Select(family => Math.Round(Error(family, "all"), 3)),
            fitted["median_errors"]!.AsObject().Select(error => (double)error.Value!));
        double[] parameters = [.. GemmTiming.Form.Parameters.Select(parameter => (double)fitted["gemm"]!["bfloat16"]![parameter.Name]!)];
        FitErrors errors = FitErrors.Of(Products().Select(product => Time(parameters, product) / Time(Gemm, product)));
        Assert.InRange(errors.Median, 0, 0.02);
    }

    [Fact]
    public void The_rest_of_the_system_stays_and_every_thread_count_writes_the_same_bytes()
    {
        WriteProducts(folder.PathOf("gemm_perf.parquet"));
        WriteAllReduces(folder.PathOf("custom_allreduce_perf.parquet"));
        List<string> written = [];
        List<string> printed = [];
        foreach (string threads in new[] { "1", "2", "5" })
        {
            FastSimProgram.Outcome outcome = Calibrate(".", "--compute-units", "100", "--threads", threads);
            Assert.Equal(0, outcome.ExitCode);
            written.Add(File.ReadAllText(folder.PathOf("out.json")));
            printed.Add(outcome.Output);
        }

        Assert.Single(written.Distinct());
        Assert.Single(printed.Distinct());
        JsonObject before = JsonNode.Parse(File.ReadAllText(folder.PathOf("chip.json")))!.AsObject();
        JsonObject after = JsonNode.Parse(written[0])!.AsObject();
        Assert.Equal([.. before.Select(member => member.Key), "operators"], after.Select(member => member.Key));
        Assert.All(before, member => Assert.True(JsonNode.DeepEquals(member.Value, after[member.Key]), member.Key));

        // What was written is a system, and has the compute units that a second run needs not be told.
        Assert.Equal(0, FastSimProgram.Run("system", "show", folder.PathOf("out.json")).ExitCode);
        FastSimProgram.Outcome again = FastSimProgram.Run(
            "calibrate", "--ops", folder.PathOf("gemm_perf.parquet"), folder.PathOf("custom_allreduce_perf.parquet"),
            "--system", folder.PathOf("out.json"), "-o", folder.PathOf("out.json"), "--quiet");
        Assert.Equal((0, "", ""), (again.ExitCode, again.Output, again.Error));
        Assert.Equal(written[0], File.ReadAllText(folder.PathOf("out.json")));
    }

    [Fact]
    public void A_shipped_system_keeps_its_text()
    {
        WriteAllReduces(folder.PathOf("custom_allreduce_perf.parquet"));
        string shipped = File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json"));
        folder.Write("chip.json", shipped);
        Assert.Equal(0, Calibrate("custom_allreduce_perf.parquet", "--quiet").ExitCode);
        string[] before = shipped.Split('\n');
        string[] after = File.ReadAllText(folder.PathOf("out.json")).Split('\n');

        // One line changes: the kind that was measured.
        Assert.Equal(before.Length, after.Length);
        string changed = Assert.Single(before.Zip(after), pair => pair.First != pair.Second).Second;
        Assert.StartsWith("      \"custom_all_reduce\": {\"low_latency_us\": ", changed, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_measured_stays_and_is_named()
    {
        WriteAllReduces(folder.PathOf("custom_allreduce_perf.parquet"));
        JsonNode system = JsonNode.Parse(File.ReadAllText(folder.PathOf("chip.json")))!;
        JsonNode product = JsonNode.Parse("""{"floor_us": 4, "compute_efficiency": 0.8, "memory_efficiency": 0.7, "unit_load_ratio": 6, "overlap": 3, "split_us": 2, "depth_ns": 0.5, "quantize_share": 1}""")!;
        system["operators"] = new JsonObject
        {
            ["_source"] = "a table",
            ["compute_units"] = 100,
            ["carried_from"] = "OTHER",
            ["gemm"] = new JsonObject { ["bfloat16"] = product.DeepClone() },
        };
        folder.Write("chip.json", system.ToJsonString());
        FastSimProgram.Outcome outcome = Calibrate("custom_allreduce_perf.parquet");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("warning: not measured, so as they were, carried from OTHER: gemm bfloat16", outcome.Error.TrimEnd());
        JsonObject written = JsonNode.Parse(File.ReadAllText(folder.PathOf("out.json")))!["operators"]!.AsObject();
        Assert.Equal(["_source", "compute_units", "carried_from", "median_errors", "gemm", "collectives"], written.Select(member => member.Key));
        Assert.True(JsonNode.DeepEquals(product, written["gemm"]!["bfloat16"]));
    }

    [Fact]
    public void Rows_and_files_that_are_left_out_are_named()
    {
        Directory.CreateDirectory(folder.PathOf("ops"));
        (double M, double N, double K)[] products = [.. Products()];
        MeasuredParquet.Write(
            folder.PathOf("ops", "gemm_perf.parquet"),
            ("gemm_dtype", products.Select((_, index) => index < 3 ? "int3" : "bfloat16").ToArray()),
            ("m", products.Select(product => product.M).ToArray()),
            ("n", products.Select(product => product.N).ToArray()),
            ("k", products.Select(product => product.K).ToArray()),
            ("latency", products.Select(product => Time(Gemm, product) / 1000).ToArray()));
        MeasuredParquet.Write(folder.PathOf("ops", "mamba_perf.parquet"), ("latency", new[] { 1.0 }));
        FastSimProgram.Outcome outcome = Calibrate("ops", "--compute-units", "100");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            [
                "warning: ops/mamba_perf.parquet: left out, measured operators are in " + Known,
                "warning: ops/gemm_perf.parquet: gemm_dtype int3: 3 rows left out, there is no timing of it",
            ],
            WithoutFolder(outcome.Error).TrimEnd().Split('\n'));
    }

    [Fact]
    public void Rows_of_0_failed_where_the_data_says_so()
    {
        double[] sizes = [.. Enumerable.Range(0, 40).Select(step => Math.Round(64 * Math.Pow(1.4, step % 20)))];
        MeasuredParquet.Write(
            folder.PathOf("scale_matrix_perf.parquet"),
            ("quant_dtype", Array.ConvertAll(sizes, _ => "fp8")),
            ("m", sizes),
            ("k", Array.ConvertAll(sizes, _ => 4096.0)),
            ("latency", sizes.Select((m, row) => row is 3 or 5 ? 0 : QuantizeTiming.Microseconds(Scale, Chip, m * 4096 * 3) / 1000).ToArray()));
        FastSimProgram.Outcome outcome = Calibrate("scale_matrix_perf.parquet", "--compute-units", "100", "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement kind = Assert.Single(json.RootElement.GetProperty("kinds").EnumerateArray());
        Assert.Equal(38, kind.GetProperty("all").GetProperty("rows").GetInt32());
        Assert.InRange(Error(kind, "all"), 0, Noise);
        Assert.Equal(
            ["scale_matrix_perf.parquet: latency: 2 rows of 0 left out, they failed"],
            json.RootElement.GetProperty("warnings").EnumerateArray().Select(warning => WithoutFolder(warning.GetString()!)));
    }

    [Fact]
    public void A_block_without_the_timings_it_is_put_together_from_is_left_out()
    {
        WriteAllReduces(folder.PathOf("custom_allreduce_perf.parquet"));
        string[] architecture = ["DeepseekV3ForCausalLM"];
        string[] source = ["default"];
        string[] type = ["bfloat16"];
        string[] cache = ["fp8"];
        double[] one = [1];
        double[] sixteen = [16];
        MeasuredParquet.Write(
            folder.PathOf("mla_generation_module_perf.parquet"),
            ("architecture", architecture),
            ("kernel_source", source),
            ("gemm_type", type),
            ("kv_cache_dtype", cache),
            ("batch_size", one),
            ("isl", one),
            ("step", sixteen),
            ("num_heads", sixteen),
            ("latency", one));
        FastSimProgram.Outcome outcome = Calibrate(".", "--compute-units", "100");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            "warning: mla_generation_module_perf.parquet: left out, there is no timing of decode_latent_attention fp8, gemm bfloat16, latent_product bfloat16, quantize scale",
            WithoutFolder(outcome.Error).TrimEnd());
    }

    [Fact]
    public void A_chip_without_compute_units_is_refused()
    {
        WriteProducts(folder.PathOf("gemm_perf.parquet"));
        Refused(
            Calibrate("gemm_perf.parquet"),
            "chip.json: operators.compute_units: found nothing; expected an integer of at least 1 (calibrate also takes --compute-units)");
        Refused(
            Calibrate("gemm_perf.parquet", "--compute-units", "0"),
            "--compute-units: found 0; expected an integer of at least 1. Run fastsim --help for the commands and options.");
    }

    [Fact]
    public void A_file_of_another_name_is_refused()
    {
        WriteProducts(folder.PathOf("gem_perf.parquet"));
        Refused(
            Calibrate("gem_perf.parquet", "--compute-units", "100"),
            $"gem_perf.parquet: found a file named gem_perf.parquet; expected one of {Known}; did you mean \"gemm_perf.parquet\"?");
        Refused(
            Calibrate("absent.parquet", "--compute-units", "100"),
            $"absent.parquet: found no such file; expected measured operators: a folder of, or one of, {Known}");
        Directory.CreateDirectory(folder.PathOf("empty"));
        Refused(
            Calibrate("empty", "--compute-units", "100"), $"empty: found a folder without measured operators; expected some of {Known}");
    }

    [Fact]
    public void A_file_that_lacks_a_column_or_a_number_is_refused()
    {
        string file = folder.PathOf("gemm_perf.parquet");
        string[] types = ["bfloat16"];
        double[] one = [1];
        MeasuredParquet.Write(file, ("gemm_dtype", types), ("m", one), ("n", one), ("latency", one));
        RefusedGemm("columns: found gemm_dtype, m, n, latency; expected k among them");
        MeasuredParquet.Write(file, ("gemm_dtype", types), ("m", one), ("n", one), ("k", types), ("latency", one));
        RefusedGemm("k: found a column of text or of another type; expected a column of numbers");
        MeasuredParquet.Write(file, ("gemm_dtype", one), ("m", one), ("n", one), ("k", one), ("latency", one));
        RefusedGemm("gemm_dtype: found a column of numbers or of another type; expected a column of text");
        MeasuredParquet.Write(file, ("gemm_dtype", types), ("m", one), ("n", one), ("k", one), ("latency", new double[] { 0 }));
        RefusedGemm("row 1: latency: found 0; expected milliseconds above 0");
        MeasuredParquet.Write(file, ("gemm_dtype", types), ("m", one), ("n", one), ("k", one), ("latency", new double?[] { null }));
        RefusedGemm("row 1: latency: found nothing; expected a number");
        File.WriteAllText(file, "not Parquet");
        FastSimProgram.Outcome outcome = Calibrate("gemm_perf.parquet", "--compute-units", "100");
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("error: gemm_perf.parquet: cannot be read as Parquet: ", WithoutFolder(outcome.Error), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_rows_and_the_same_file_twice_are_refused()
    {
        string file = folder.PathOf("gemm_perf.parquet");
        string[] types = ["bfloat16"];
        double[] one = [1];
        MeasuredParquet.Write(file, ("gemm_dtype", types), ("m", one), ("n", one), ("k", one), ("latency", one));
        RefusedGemm("found no kind of operator with enough rows; expected one");
        Directory.CreateDirectory(folder.PathOf("ops"));
        File.Copy(file, folder.PathOf("ops", "gemm_perf.parquet"));
        Refused(
            FastSimProgram.Run(
                "calibrate", "--ops", folder.PathOf("ops"), file, "--system", folder.PathOf("chip.json"), "-o", folder.PathOf("out.json"),
                "--compute-units", "100"),
            "gemm_perf.parquet: found gemm_perf.parquet twice, also ops/gemm_perf.parquet; expected the operators of one chip, each file once");
    }

    private void RefusedGemm(string complaint) =>
        Refused(Calibrate("gemm_perf.parquet", "--compute-units", "100"), $"gemm_perf.parquet: {complaint}");

    private void Refused(FastSimProgram.Outcome outcome, string message)
    {
        Assert.Equal((2, "", $"error: {message}"), (outcome.ExitCode, outcome.Output, WithoutFolder(outcome.Error).TrimEnd()));
        Assert.False(File.Exists(folder.PathOf("out.json")));
    }

    private FastSimProgram.Outcome Calibrate(string operators, params string[] options) => FastSimProgram.Run(
        ["calibrate", "--ops", operators == "." ? folder.Root : folder.PathOf(operators), "--system", folder.PathOf("chip.json"),
         "-o", folder.PathOf("out.json"), .. options]);

    private string WithoutFolder(string text) => text.Replace(folder.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    private static double Error(JsonElement kind, string which) => kind.GetProperty(which).GetProperty("medianError").GetDouble();

    private static IEnumerable<(double M, double N, double K)> Products()
    {
        double[] widths = [512, 1024, 2048, 4096, 7168, 14336];
        return from exponent in Enumerable.Range(0, 14) from n in widths from k in widths select (Math.Pow(2, exponent), n, k);
    }

    private static double Time(double[] parameters, (double M, double N, double K) product) =>
        GemmTiming.Microseconds(parameters, Chip, Peak, 2, 2, product.M, product.N, product.K, 0);

    /// <summary>A factor near 1 that scatters like noise.</summary>
    private static double Noisy(params double[] numbers) => 1 + (Noise * ((2.0 * CaseHash.Mix(CaseHash.Of(numbers)) / ulong.MaxValue) - 1));

    private static void WriteProducts(string file)
    {
        (double M, double N, double K)[] products = [.. Products()];
        MeasuredParquet.Write(
            file,
            ("gemm_dtype", Array.ConvertAll(products, _ => "bfloat16")),
            ("m", Array.ConvertAll(products, product => (long)product.M)),
            ("n", Array.ConvertAll(products, product => (long)product.N)),
            ("k", Array.ConvertAll(products, product => (long)product.K)),
            ("latency", Array.ConvertAll(products, product => Time(Gemm, product) * Noisy(product.M, product.N, product.K, 5) / 1000)));
    }

    private static void WriteAllReduces(string file)
    {
        (long Cards, long Elements)[] messages =
            [.. from cards in new long[] { 2, 4, 8 } from exponent in Enumerable.Range(7, 22) select (cards, 1L << exponent)];
        MeasuredParquet.Write(
            file,
            ("allreduce_dtype", Array.ConvertAll(messages, _ => "bfloat16")),
            ("num_gpus", Array.ConvertAll(messages, message => message.Cards)),
            ("message_size", Array.ConvertAll(messages, message => message.Elements)),
            ("latency", Array.ConvertAll(
                messages,
                message => CollectiveTiming.Microseconds(AllReduce, Chip, Collective.AllReduce, 2.0 * message.Elements, message.Cards)
                    * Noisy(message.Cards, message.Elements, 5) / 1000)));
    }
}
