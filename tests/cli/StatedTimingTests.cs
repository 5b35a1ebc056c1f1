using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Search.Surrogates;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Timing forms that a model states for launches that are of none of its families.</summary>
public sealed class StatedTimingTests
{
    private const string Kind = "nccl_all_reduce";

    private static readonly (string, string)[] Contract = [("fastsim.features", "2.4"), ("fastsim.range.Product", "-20 60 0 60")];

    /// <summary>
    /// Two cards sum 8 rows of 64 elements of 2 bytes, 1,024: a ring of two moves as many over links of 50e9 bytes/s, 0.02048 us, after 7 us. The chip has no timings
    /// of its own, and tables would say 1 us of latency and some bytes.
    /// </summary>
    [Theory]
    [InlineData(true, null, "fitted", 7.02048)]
    [InlineData(true, "learned", "fitted", 7.02048)]
    [InlineData(true, "roofline", "roofline", double.NaN)]
    [InlineData(false, null, "roofline", double.NaN)]
    public void Exchanges_of_a_chip_without_timings_go_by_the_models(bool isStated, string? timing, string clock, double microseconds)
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", Model(isStated ? [("collectives", Kind)] : []));
        files.WriteRuntime(""", "engine": "vllm", "d_parallel_config": [[1, 1, 2]] """);
        string runtime = files.PathOf("runtime.json");
        File.WriteAllText(runtime, File.ReadAllText(runtime)
            .Replace("\"num_procs_list\": [1]", "\"num_procs_list\": [2]", StringComparison.Ordinal)
            .Replace("[[0, 1]]", "[[0, 2]]", StringComparison.Ordinal)
            .Replace("[16, 1, 16]", "[8, 1, 8]", StringComparison.Ordinal));
        string chip = files.PathOf("chip.json");
        File.WriteAllText(chip, File.ReadAllText(chip).Replace("\"GiB\": 1,", "\"GiB\": 64,", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = files.Run(
            ["--efficiency-model", files.PathOf("model.onnx"), .. timing is null ? Array.Empty<string>() : ["--timing", timing]]);
        Assert.Equal(0, outcome.ExitCode);
        CsvTable details = CsvTable.Load(Directory.EnumerateFiles(files.PathOf("out", "op_details")).Single());
        string[][] sums = [.. details.Rows.Where(row => row.Contains("tp_all_reduce"))];
        Assert.Equal(2, sums.Length);
        string[] columns = [.. details.Header];
        Assert.All(sums, row =>
        {
            Assert.Equal(clock, row[Array.IndexOf(columns, "clock")]);
            double time = 1e6 * double.Parse(row[Array.IndexOf(columns, "process_time")], CultureInfo.InvariantCulture);
            Assert.True(double.IsNaN(microseconds) ? time < 5 : Math.Abs(time - microseconds) < 1e-9, $"{time}");
        });
    }

    [Fact]
    public void A_chips_own_timings_of_a_family_go_before_the_models()
    {
        using OnnxEfficiency model = OnnxEfficiency.Load(Model([("collectives", Kind), ("encoder_attention", "bfloat16/64")]).ToArray(), "model");
        LearnedTimes times = new(model);
        FittedForms alone = FittedForms.Of(own: null, times.Timings)!;
        Assert.Equal(2, alone.Keys.Count());
        Assert.Equal(7, alone.Find("collectives", Kind)![0]);
        double[] ofChip = [1];
        OperatorTimings own = new(34, "another", new Dictionary<(string, string), double[]> { [("collectives", "custom_all_reduce")] = ofChip });
        FittedForms both = FittedForms.Of(own, times.Timings)!;
        Assert.Equal(
            [("collectives", "custom_all_reduce"), ("encoder_attention", "bfloat16/64")],
            both.Keys.OrderBy(key => key.Family, StringComparer.Ordinal));
        Assert.Same(ofChip, both.Find("collectives", "custom_all_reduce"));
        using OnnxEfficiency silent = OnnxEfficiency.Load(Model([]).ToArray(), "model");
        LearnedTimes none = new(silent);
        Assert.Null(FittedForms.Of(own: null, none.Timings));
        Assert.Equal(own.Keys, FittedForms.Of(own, none.Timings)!.Keys);
    }

    /// <summary>A model that says ln 5 us for every product, and states forms.</summary>
    private static HandmadeOnnx Model((string Family, string Kind)[] stated) => new()
    {
        Efficiency = 1.6094379f,
        FloorMicroseconds = 0.3f,
        Metadata = [.. Contract, .. stated.Select(each => ($"fastsim.timing.{each.Family}.{each.Kind}", Parameters(each.Family)))],
    };

    private static string Parameters(string family) => family == "collectives"
        ? "7 0.01 1 60 8 1 150 20 1"
        : string.Join(' ', Kernels.Launches.TimingForms.All[family].Start.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));
}
