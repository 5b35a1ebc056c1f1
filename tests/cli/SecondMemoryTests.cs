using System.Text.Json.Nodes;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A second memory from the runtime to the outputs: what is asked, what is found, what is said of it.</summary>
public sealed class SecondMemoryTests
{
    private const string All = "\"accounting\": \"physical\", \"second_memory\": {\"cache\": 1, \"weights\": 1}, \"output\": \"o\"";

    [Fact]
    public void A_result_says_what_lies_there_and_how_long_it_streams()
    {
        using TemporaryFolder folder = Inputs(All);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain("not used", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("mem2 100% weights 100% cache", outcome.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        CsvTable rows = CsvTable.Load(folder.PathOf("out/pd-fusion_result_best.csv"));
        for (int run = 0; run < 2; run++)
        {
            Assert.Equal((1, 1), (rows.Number("decoder_mem2_weight_share", run), rows.Number("decoder_mem2_cache_share", run)));
            double there = rows.Number("decoder_mem2_weight_space(Gib)", run) + rows.Number("decoder_mem2_kv_cache_mem(Gib)", run) + rows.Number("decoder_mem2_prefix_mem(Gib)", run);
            Assert.Equal(there, rows.Number("decoder_tier2_mem(Gib)", run), 1e-12);
            Assert.Equal(rows.Number("kv_cache_total_mem(Gib)", run), rows.Number("decoder_mem2_kv_cache_mem(Gib)", run), 1e-12);
            Assert.True(rows.Number("decoder_instance_stream_time(s)", run) > rows.Number("decoder_instance_stream_time_exposed(s)", run));
            Assert.Equal((2, 10), (rows.Number("decoder_mem2_capacity(Gib)", run), rows.Number("decoder_mem2_bandwidth(GBps)", run)));
        }

        Assert.Contains(
            Directory.EnumerateFiles(folder.PathOf("out/op_details")).SelectMany(File.ReadLines), line => line.StartsWith("stage,second_memory,", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_says_it_where_something_lies_there()
    {
        using TemporaryFolder folder = Inputs(All);
        JsonNode decode = Decode(FastSimProgram.Run("run", "--json", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")));
        Assert.Equal(1, decode["layout"]!["secondMemoryWeights"]!.GetValue<double>());
        Assert.True(decode["secondMemory"]!["gibibytes"]!.GetValue<double>() > 0);
        folder.Write("fusion.json", Runtime("\"accounting\": \"physical\", \"output\": \"o\""));
        JsonNode without = Decode(FastSimProgram.Run("run", "--json", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")));
        Assert.Null(without["layout"]!["secondMemoryWeights"]);
        Assert.Null(without["secondMemory"]);
    }

    /// <summary>Capacity and rate of the second memory are axes; a variant has what a run of its own has.</summary>
    [Fact]
    public void A_sweep_varies_it()
    {
        using TemporaryFolder folder = Inputs(All.Replace("\"weights\": 1", "\"weights\": [0, 0.5, 1]", StringComparison.Ordinal));
        folder.Write("sweep.json", """
            {"runtime": "fusion.json", "output": "s", "axes": [
              {"name": "gib", "path": "system.mem2.GiB", "values": [0.5, 2]}, {"name": "rate", "path": "system.mem2.GBps", "values": [5, 10]}]}
            """);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("swept")).ExitCode);
        Assert.Equal(0, FastSimProgram.Run("run", "-q", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")).ExitCode);
        CsvTable rows = CsvTable.Load(folder.PathOf("out/pd-fusion_result_best.csv"));
        CsvTable swept = CsvTable.Load(folder.PathOf("swept/sweep_result.csv"));
        int Column(string name) => swept.Header.ToList().IndexOf(name);
        for (int job = 0; job < 2; job++)
        {
            // The file's own chip.
            string[] row = swept.Rows.Single(each => each[Column("gib")] == "2" && each[Column("rate")] == "10" && each[Column("job")] == $"{job}");
            Assert.Equal(rows.Field("decoder_throughput(token/s)")[job], row[Column("tokens_per_second")]);
            Assert.Equal(rows.Field("decoder_tier2_mem(Gib)")[job], row[Column("decoder_mem2_gib")]);
            Assert.Equal(rows.Field("decoder_mem2_weight_share")[job], row[Column("decoder_mem2_weight_share")]);
        }
    }

    /// <summary>Prefixes in the second memory are kept for all in flight; where nothing is cached the place is a warning.</summary>
    [Fact]
    public void Prefixes_are_kept_where_the_runtime_says()
    {
        using TemporaryFolder folder = Inputs("\"accounting\": \"physical\", \"prefix_hit\": 0.5, \"prefix_location\": \"mem2\", \"output\": \"o\"");
        folder.Write("dense.json", File.ReadAllText(folder.PathOf("dense.json")).Replace("\"cache_len\"", "\"_cache_len\"", StringComparison.Ordinal));
        Assert.Equal(0, FastSimProgram.Run("run", "-q", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")).ExitCode);
        CsvTable rows = CsvTable.Load(folder.PathOf("out/pd-fusion_result_best.csv"));
        for (int run = 0; run < 2; run++)
        {
            Assert.True(rows.Number("decoder_mem2_prefix_mem(Gib)", run) > 0);
            Assert.True(rows.Number("prefill_instance_stream_time(s)", run) > 0);
            Assert.Equal(0, rows.Number("decoder_instance_stream_time(s)", run));
        }

        folder.Write("fusion.json", Runtime("\"accounting\": \"physical\", \"prefix_location\": \"mem2\", \"output\": \"o\""));
        Assert.Contains(
            "pd-fusion.prefix_location: nothing of any prompt is cached (prefix_hit, cache_len); it is not used",
            FastSimProgram.Run("run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")).Error,
            StringComparison.Ordinal);
    }

    /// <summary><c>plan</c> writes what it was asked into the runtime that it saves, and says on its screen what lies there.</summary>
    [Fact]
    public void A_plan_asks_for_it_and_shows_it()
    {
        using TemporaryFolder folder = new();
        folder.Write("B200_tier.json", $$"""
            {"extends": "{{Repository.PathOf("data", "systems", "B200.json")}}", "name": "B200 with a tier", "mem2": {"GiB": 512, "GBps": 400} }
            """);
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "plan", Repository.PathOf("data", "models", "llama_3_70b.json"), "--chip", "B200_tier", "--systems", folder.Root, "--cards", "2", "--in", "32000", "--out", "1000",
            "--tpot", "80", "--top", "2", "--second-memory", "cache", "--prefix-hit", "0.5", "--prefix-location", "mem2", "--save", folder.PathOf("runtime.json"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("second memory: weights 0.0, cache ", outcome.Output.ReplaceLineEndings(" ").Replace("               ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        JsonNode mode = JsonNode.Parse(File.ReadAllText(folder.PathOf("runtime.json")))!["pd-fusion"]!;
        Assert.Equal(("cache", "mem2"), (mode["second_memory"]!.GetValue<string>(), mode["prefix_location"]!.GetValue<string>()));
    }

    /// <summary>A chip without such a memory takes what leaves it empty, and refuses what does not.</summary>
    [Fact]
    public void A_chip_without_it_holds_nothing_there()
    {
        using TemporaryFolder folder = Inputs("\"accounting\": \"physical\", \"second_memory\": \"cache\", \"output\": \"o\"");
        string chip = File.ReadAllText(folder.PathOf("chip.json"));
        folder.Write("chip.json", chip.Replace("\"mem2\"", "\"_mem2\"", StringComparison.Ordinal));
        Assert.Equal(0, FastSimProgram.Run("run", "-q", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")).ExitCode);
        folder.Write("fusion.json", Runtime(All));
        Assert.Contains(
            "pd-fusion.second_memory: found an object; expected none among the shares, or a chip that states mem2: tiny-chip states none",
            FastSimProgram.Run("run", "-q", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")).Error,
            StringComparison.Ordinal);
    }

    private static JsonNode Decode(FastSimProgram.Outcome outcome) => JsonNode.Parse(outcome.Output)!["modes"]![0]!["jobs"]![0]!["decode"]!;

    private static string Runtime(string instead) => File.ReadAllText(Repository.PathOf("tests", "cli", "inputs", "fusion.json"))
        .Replace("\"output\": \"outputs/fusion\"", instead, StringComparison.Ordinal);

    private static TemporaryFolder Inputs(string instead)
    {
        TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        folder.Write("fusion.json", Runtime(instead));
        return folder;
    }
}
