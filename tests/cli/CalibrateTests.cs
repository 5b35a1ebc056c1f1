using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Timing;
using FastSim.Tests;
using Parquet;
using Parquet.Schema;

namespace FastSim.Cli.Tests;

/// <summary>What <c>fastsim calibrate</c> fits and writes.</summary>
public sealed class CalibrateTests
{
    private static readonly string Chip = Repository.PathOf("data", "systems", "H100_SXM.json");

    /// <summary>Times made by the form itself at a chip's own peaks: a fit that works finds them again.</summary>
    [Fact]
    public async Task Times_that_follow_the_form_are_found_again()
    {
        using TemporaryFolder folder = new();
        string file = folder.PathOf("gemm_perf.parquet");
        await WriteProductsAsync(file, Measured());
        string output = folder.PathOf("calibrated.json");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("calibrate", "--ops", file, "--system", Chip, "-o", output, "--json");
        Assert.StartsWith("warning: not measured, so as they were: collectives custom_all_reduce, ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement kind = json.RootElement.GetProperty("kinds").EnumerateArray().Single();
        Assert.Equal("bfloat16", kind.GetProperty("kind").GetString());
        Assert.Equal(Measured().Length, kind.GetProperty("rows").GetInt32());
        Assert.InRange(kind.GetProperty("medianError").GetDouble(), 0, 0.02);
        Assert.InRange(kind.GetProperty("heldOutMedianError").GetDouble(), 0, 0.02);
        Assert.InRange(kind.GetProperty("flatMedianError").GetDouble(), 0.1, 1);

        // What it wrote is the system with one kind's timings anew, all else as it was.
        Chip written = SystemFile.Load(output, new Findings(allowUnknownKeys: false));
        Assert.Equal(132, written.Timings!.ComputeUnits);
        Chip before = SystemFile.Load(Chip, new Findings(allowUnknownKeys: false));
        Assert.Equal(before.Timings!.Keys.Order(), written.Timings.Keys.Order());
        Assert.Equal(before.Timings.Find("gemm", "fp8"), written.Timings.Find("gemm", "fp8"));
        Assert.NotEqual(before.Timings.Find("gemm", "bfloat16"), written.Timings.Find("gemm", "bfloat16"));
        Assert.Equal(3350, written.Memory.GigabytesPerSecond);
    }

    [Fact]
    public async Task A_folder_names_what_it_leaves_out()
    {
        using TemporaryFolder folder = new();
        await WriteProductsAsync(folder.PathOf("gemm_perf.parquet"), Measured());
        File.WriteAllText(folder.PathOf("mamba_perf.parquet"), "anything");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", folder.Root, "--system", Chip, "-o", folder.PathOf("calibrated.json"), "--sample", "100");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("not of a known operator, so left out: mamba_perf.parquet", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gem_perf.parquet", "x", "found a file of no known operators; expected one of gemm_perf, context_attention_perf", "did you mean \"gemm_perf\"?")]
    [InlineData("gemm_perf.parquet", "x", "cannot be read as Parquet: ", "")]
    public void A_file_that_cannot_be_used_is_named(string name, string text, string message, string suggestion)
    {
        using TemporaryFolder folder = new();
        string file = folder.PathOf(name);
        File.WriteAllText(file, text);
        string output = folder.PathOf("calibrated.json");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("calibrate", "--ops", file, "--system", Chip, "-o", output);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: {file}: {message}", outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith(suggestion, outcome.Error.Trim(), StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public async Task A_missing_column_is_named()
    {
        using TemporaryFolder folder = new();
        string file = folder.PathOf("moe_perf.parquet");
        await WriteProductsAsync(file, Measured());
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", file, "--system", Chip, "-o", folder.PathOf("calibrated.json"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("found no column moe_dtype; expected it among ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chip_without_compute_units_needs_them_said()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", folder.Root, "--system", Repository.PathOf("data", "systems", "L40S.json"), "-o", folder.PathOf("calibrated.json"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("operators.compute_units: found nothing; expected it there, or --compute-units", outcome.Error, StringComparison.Ordinal);
    }

    private static (int M, int N, int K, double Milliseconds)[] Measured()
    {
        Chip chip = SystemFile.Load(Chip, new Findings(allowUnknownKeys: false));
        TimingChip scale = new(132, 3350e9, 450e9);
        double[] parameters = [4, 0.7, 0.8, 6, 4, 2, 0.4, 1];
        double peak = chip.Matrix["bfloat16"].Teraflops * 1e12;
        return
        [
            .. from m in new[] { 1, 8, 64, 200, 1024, 4096, 16384 }
               from n in new[] { 512, 1536, 4096, 14336 }
               from k in new[] { 512, 2048, 7168, 16384 }
               select (m, n, k, GemmTiming.Microseconds(parameters, scale, peak, 2, 2, m, n, k, 0) / 1000),
        ];
    }

    private static async Task WriteProductsAsync(string file, (int M, int N, int K, double Milliseconds)[] rows)
    {
        DataField<string> type = new("gemm_dtype");
        DataField<int> m = new("m");
        DataField<int> n = new("n");
        DataField<int> k = new("k");
        DataField<double> latency = new("latency");
        await using FileStream stream = File.Create(file);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(type, m, n, k, latency), stream);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync(type, Array.ConvertAll(rows, _ => "bfloat16"));
        await group.WriteAsync<int>(m, Array.ConvertAll(rows, row => row.M));
        await group.WriteAsync<int>(n, Array.ConvertAll(rows, row => row.N));
        await group.WriteAsync<int>(k, Array.ConvertAll(rows, row => row.K));
        await group.WriteAsync<double>(latency, Array.ConvertAll(rows, row => row.Milliseconds));
    }
}
